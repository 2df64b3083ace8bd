import { randomUUID } from 'node:crypto'
import type { SupabaseClient } from '@supabase/supabase-js'
import fastify from 'fastify'
import { beforeAll, describe, expect, it } from 'vitest'
import { localSignInRoutes } from '../../../server/auth/local-sign-in-routes.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { type SignInServer, startSignInServer } from '../../_kit/sign-in-server.ts'

const DEEP_LINK = 'mixmint://auth/callback'
const MINUTE = 60_000

describeEachEngine(
  'signing in with the sandbox provider',
  (open) => {
    let server: SignInServer
    beforeAll(async () => {
      server = await startSignInServer({ db: (await open()).db })
      return () => server[Symbol.asyncDispose]()
    })

    const begin = async (client: SupabaseClient, redirectTo = DEEP_LINK): Promise<string> => {
      const { data } = await client.auth.signInWithOAuth({
        provider: 'google',
        options: { redirectTo, skipBrowserRedirect: true },
      })
      return data.url ?? ''
    }
    /** What a person does in the browser. */
    const answer = async (url: string, form: Record<string, string>): Promise<URL> => {
      const page = await fetch(url)
      const flow = /name="flow" value="([^"]+)"/.exec(await page.text())?.[1] ?? ''
      const reply = await fetch(`${server.address}/auth/v1/sandbox-provider`, {
        method: 'POST',
        body: new URLSearchParams({ flow, ...form }),
        redirect: 'manual',
      })
      return new URL(reply.headers.get('location') ?? `about:blank#${reply.status}`)
    }

    it.each([DEEP_LINK, 'http://127.0.0.1:4870/return/auth'])(
      'R-MM-04: comes back to %s with a code for a session',
      async (to) => {
        const client = server.client()
        const email = `${randomUUID()}@example.com`
        const back = await answer(await begin(client, to), { answer: 'continue', email })
        expect(back.href.startsWith(`${to}?code=`)).toBe(true)
        const { data, error } = await client.auth.exchangeCodeForSession(back.searchParams.get('code') ?? '')
        expect(error).toBeNull()
        expect(data.user).toMatchObject({ email, app_metadata: { provider: 'google' } })
        const me = await server.call('me', {}, { session: data.session?.access_token ?? '' })
        expect(me.body).toMatchObject({ email, status: 'active' })
        const second = server.client()
        const again = await answer(await begin(second, to), { answer: 'continue', email })
        const same = await second.auth.exchangeCodeForSession(again.searchParams.get('code') ?? '')
        expect(same.data.user?.id).toBe(data.user?.id)
      },
    )

    it('R-MM-04: a code works once, for the client that began, for five minutes', async () => {
      const client = server.client()
      const codeOf = async () => {
        const back = await answer(await begin(client), { answer: 'continue', email: `${randomUUID()}@example.com` })
        return back.searchParams.get('code') ?? ''
      }
      const code = await codeOf()
      expect((await client.auth.exchangeCodeForSession(code)).error).toBeNull()
      await begin(client)
      expect((await client.auth.exchangeCodeForSession(code)).error?.code).toBe('flow_state_not_found')

      const stolen = await codeOf()
      const thief = server.client()
      await begin(thief)
      expect((await thief.auth.exchangeCodeForSession(stolen)).error?.code).toBe('bad_code_verifier')

      const late = await codeOf()
      server.clock.advance(5 * MINUTE + 1)
      expect((await client.auth.exchangeCodeForSession(late)).error?.code).toBe('flow_state_not_found')
    })

    it('of two exchanges of one code at once one gets a session', async () => {
      const client = server.client()
      const back = await answer(await begin(client), { answer: 'continue', email: `${randomUUID()}@example.com` })
      const verifier = await verifierOf(client)
      const exchange = () =>
        fetch(`${server.address}/auth/v1/token?grant_type=pkce`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ auth_code: back.searchParams.get('code'), code_verifier: verifier }),
        })
      const statuses = (await Promise.all([exchange(), exchange(), exchange()])).map(({ status }) => status).sort()
      expect(statuses).toEqual([200, 404, 404])
    })

    it('an account with a password is never given to whoever types its address', async () => {
      const email = `${randomUUID()}@example.com`
      await server.client().auth.signUp({ email, password: 'correct horse battery' })
      const back = await answer(await begin(server.client()), { answer: 'continue', email })
      expect(back.searchParams.get('code')).toBeNull()
      expect(back.searchParams.get('error')).toBe('access_denied')
    })

    it('an account of the provider that chose a password since is not given away either', async () => {
      const client = server.client()
      const email = `${randomUUID()}@example.com`
      const back = await answer(await begin(client), { answer: 'continue', email })
      await client.auth.exchangeCodeForSession(back.searchParams.get('code') ?? '')
      expect((await client.auth.updateUser({ password: 'correct horse battery' })).error).toBeNull()
      const again = await answer(await begin(server.client()), { answer: 'continue', email })
      expect(again.searchParams.get('error')).toBe('access_denied')
    })

    it('an account that neither has a password nor came from here is not given away', async () => {
      const { ana } = await seedPeople(server.db)
      expect(ana).toBeDefined()
      const back = await answer(await begin(server.client()), { answer: 'continue', email: 'ana@people.example' })
      expect(back.searchParams.get('error')).toBe('access_denied')
    })

    it('cancelling comes back with access_denied, and ends the round trip', async () => {
      const url = await begin(server.client())
      const page = (await fetch(url)).url
      const back = await answer(page, { answer: 'cancel' })
      expect(back.searchParams.get('error')).toBe('access_denied')
      expect((await fetch(page)).status).toBe(404)
    })

    it('the page runs nothing, and sends its form nowhere else', async () => {
      const page = await fetch(await begin(server.client()))
      const policy = page.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("form-action 'self' mixmint: http://127.0.0.1:*")
      expect(await page.text()).not.toContain('<script')
    })

    it.each([
      ['another provider', { provider: 'facebook' }],
      ['a return address elsewhere', { redirect_to: 'https://thief.example/' }],
      ['no return address', { redirect_to: '' }],
      ['no challenge', { code_challenge: '' }],
      ['a challenge in the clear', { code_challenge_method: 'plain' }],
    ])('refuses %s', async (_what, change) => {
      const url = new URL(await begin(server.client()))
      for (const [name, value] of Object.entries(change)) {
        if (value === '') url.searchParams.delete(name)
        else url.searchParams.set(name, value)
      }
      const reply = await fetch(url, { redirect: 'manual' })
      expect(reply.status).toBe(400)
      expect(reply.headers.get('location')).toBeNull()
    })

    it('an unknown round trip, or an address that is none, is refused', async () => {
      expect((await fetch(`${server.address}/auth/v1/sandbox-provider?flow=${randomUUID()}`)).status).toBe(404)
      expect((await fetch(`${server.address}/auth/v1/sandbox-provider?flow=%22%3E%3Cscript%3E`)).status).toBe(400)
      const back = await answer(await begin(server.client()), { answer: 'continue', email: 'nobody' })
      expect(back.hash).toBe('#400')
    })

    async function verifierOf(client: SupabaseClient): Promise<string> {
      const { storage, storageKey } = client.auth as unknown as {
        storage: { getItem(key: string): string | null }
        storageKey: string
      }
      const stored = storage.getItem(`${storageKey}-code-verifier`) ?? '""'
      return (JSON.parse(stored) as string).split('/')[0] ?? ''
    }
  },
  ['PGlite', 'PostgreSQL'],
)

describe('outside local mode', () => {
  it('R-MM-04: neither local sign-in nor the sandbox provider can be mounted', () => {
    const services = { config: { mode: 'production' } } as unknown as Parameters<typeof localSignInRoutes>[1]
    expect(() => localSignInRoutes(fastify(), services)).toThrow('Local sign-in exists in local mode only.')
  })
})

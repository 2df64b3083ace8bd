import { randomUUID } from 'node:crypto'
import type { SupabaseClient } from '@supabase/supabase-js'
import { beforeAll, expect, it } from 'vitest'
import { describeEachEngine } from '../../_kit/databases.ts'
import { type SignInServer, startSignInServer } from '../../_kit/sign-in-server.ts'

const PASSWORD = 'correct horse battery'
const BACK = 'mixmint://auth/callback'
const MINUTE = 60_000

describeEachEngine(
  'mailed codes through supabase-js',
  (open) => {
    let server: SignInServer
    beforeAll(async () => {
      server = await startSignInServer({ db: (await open()).db })
      return () => server[Symbol.asyncDispose]()
    })

    const signedUp = async () => {
      const email = `${randomUUID()}@example.com`
      const client = server.client()
      await client.auth.signUp({ email, password: PASSWORD })
      return { email, client }
    }
    const ask = async (client: SupabaseClient, email: string) => {
      const before = server.mails.length
      const { error } = await client.auth.resetPasswordForEmail(email, { redirectTo: BACK })
      expect(error).toBeNull()
      const [mail] = server.mails.slice(before)
      return {
        mail,
        code: /: (\d{6})$/m.exec(mail?.text ?? '')?.[1] ?? '',
        link: /^http\S+$/m.exec(mail?.text ?? '')?.[0] ?? '',
      }
    }
    const follow = async (link: string) => {
      const reply = await fetch(link, { redirect: 'manual' })
      return new URL(reply.headers.get('location') ?? 'about:blank')
    }

    it('a mailed code signs in to choose a new password, once', async () => {
      const { email } = await signedUp()
      const client = server.client()
      const { mail, code } = await ask(client, email)
      expect(mail?.to).toBe(email)
      const verified = await client.auth.verifyOtp({ email, token: code, type: 'recovery' })
      expect(verified.error).toBeNull()
      expect((await client.auth.updateUser({ password: 'a new pass phrase' })).error).toBeNull()
      const again = await server.client().auth.verifyOtp({ email, token: code, type: 'recovery' })
      expect(again.error).toMatchObject({ status: 403, code: 'otp_expired' })
      const signIn = await server.client().auth.signInWithPassword({ email, password: 'a new pass phrase' })
      expect(signIn.error).toBeNull()
    })

    it('the link of the mail brings back a code that only the client that asked can use, once', async () => {
      const { email } = await signedUp()
      const client = server.client()
      const { link, code: digits } = await ask(client, email)
      const back = await follow(link)
      expect(`${back.protocol}//${back.host}${back.pathname}`).toBe(BACK)
      const code = back.searchParams.get('code') ?? ''
      const { data, error } = await client.auth.exchangeCodeForSession(code)
      expect(error).toBeNull()
      expect(data.user?.email).toBe(email)
      expect((await follow(link)).searchParams.get('error_code')).toBe('otp_expired')
      const used = await server.client().auth.verifyOtp({ email, token: digits, type: 'recovery' })
      expect(used.error?.code, 'using the link ends the code').toBe('otp_expired')
    })

    it('somebody who intercepts the code of the link has no use of it', async () => {
      const { email } = await signedUp()
      const client = server.client()
      const { link } = await ask(client, email)
      const code = (await follow(link)).searchParams.get('code') ?? ''
      const thief = server.client()
      await ask(thief, `${randomUUID()}@example.com`)
      expect((await thief.auth.exchangeCodeForSession(code)).error?.code).toBe('bad_code_verifier')
      const owner = await client.auth.exchangeCodeForSession(code)
      expect(owner.error?.code, 'a code that was tried is spent').toBe('flow_state_not_found')
    })

    it('a link whose secret was guessed is refused, and does not end the true one', async () => {
      const { email } = await signedUp()
      const { link } = await ask(server.client(), email)
      const forged = new URL(link)
      const token = forged.searchParams.get('token') ?? ''
      forged.searchParams.set('token', `${token.slice(0, -32)}${'A'.repeat(32)}`)
      expect((await follow(forged.href)).searchParams.get('error_code')).toBe('otp_expired')
      expect((await follow(link)).searchParams.get('code')).not.toBeNull()
    })

    it('codes and links end after an hour', async () => {
      const { email } = await signedUp()
      const client = server.client()
      const { code, link } = await ask(client, email)
      server.clock.advance(60 * MINUTE + 1)
      expect((await follow(link)).searchParams.get('error_code')).toBe('otp_expired')
      expect((await client.auth.verifyOtp({ email, token: code, type: 'recovery' })).error?.code).toBe('otp_expired')
    })

    it('a second mail ends the code of the first', async () => {
      const { email } = await signedUp()
      const client = server.client()
      const first = await ask(client, email)
      const second = await ask(client, email)
      const old = await client.auth.verifyOtp({ email, token: first.code, type: 'recovery' })
      expect(first.code === second.code || old.error?.code === 'otp_expired').toBe(true)
      expect((await follow(first.link)).searchParams.get('error_code')).toBe('otp_expired')
      expect((await client.auth.verifyOtp({ email, token: second.code, type: 'recovery' })).error).toBeNull()
    })

    it('an unknown address is answered the same and gets no mail', async () => {
      const { mail } = await ask(server.client(), `${randomUUID()}@example.com`)
      expect(mail).toBeUndefined()
    })

    it('R-MM-75: a code can be guessed ten times in 15 minutes, and passwords still work meanwhile', async () => {
      const { email } = await signedUp()
      const client = server.client()
      server.clock.advance(15 * MINUTE)
      const { code } = await ask(client, email)
      const wrong = code === '000000' ? '000001' : '000000'
      for (let n = 0; n < 10; n += 1)
        expect((await client.auth.verifyOtp({ email, token: wrong, type: 'recovery' })).error?.code).toBe('otp_expired')
      expect((await client.auth.verifyOtp({ email, token: code, type: 'recovery' })).error?.status).toBe(429)
      expect((await server.client().auth.signInWithPassword({ email, password: PASSWORD })).error).toBeNull()
    })

    it('R-MM-75: mails that a stranger can cause are limited, for unknown addresses too', async () => {
      server.clock.advance(15 * MINUTE)
      const { email } = await signedUp()
      for (const address of [email, `${randomUUID()}@example.com`]) {
        for (let n = 0; n < 10; n += 1)
          expect((await server.client().auth.resetPasswordForEmail(address, { redirectTo: BACK })).error).toBeNull()
        const { error } = await server.client().auth.resetPasswordForEmail(address, { redirectTo: BACK })
        expect(error).toMatchObject({ status: 429, code: 'over_email_send_rate_limit' })
      }
    })

    it('a mailed code signs in without a password', async () => {
      server.clock.advance(15 * MINUTE)
      const { email } = await signedUp()
      const client = server.client()
      const before = server.mails.length
      await client.auth.signInWithOtp({ email, options: { shouldCreateUser: false, emailRedirectTo: BACK } })
      const code = /: (\d{6})$/m.exec(server.mails[before]?.text ?? '')?.[1] ?? ''
      const { data, error } = await client.auth.verifyOtp({ email, token: code, type: 'email' })
      expect(error).toBeNull()
      expect(data.user?.email).toBe(email)
    })

    it.each([
      'https://thief.example/',
      'mixmint://auth/callback/more',
      'mixmint://payment/1',
      'http://127.0.0.1:4870/return/payment',
      'http://127.0.0.1:4870/return/auth?next=https://thief.example',
      'http://127.0.0.1.thief.example:80/return/auth',
      'http://localhost:4870/return/auth',
      'javascript:alert(1)',
    ])('R-MM-04: a code never goes to %s', async (redirectTo) => {
      const { error } = await server.client().auth.resetPasswordForEmail('ada@example.com', { redirectTo })
      expect(error?.code).toBe('validation_failed')
      const query = new URLSearchParams({ token: 'x', type: 'recovery', redirect_to: redirectTo })
      const reply = await fetch(`${server.address}/auth/v1/verify?${query}`, { redirect: 'manual' })
      expect(reply.status).toBe(400)
    })
  },
  ['PGlite', 'PostgreSQL'],
)

import { randomUUID } from 'node:crypto'
import { createClient } from '@supabase/supabase-js'
import { beforeAll, describe, expect, it } from 'vitest'
import { freshDatabase } from '../../_kit/databases.ts'
import { makeDeviceKey } from '../../_kit/device-key.ts'
import { startTestServer, type TestServer } from '../../_kit/start-server.ts'

const PASSWORD = 'correct horse battery'

describe('sign-in of the whole server', () => {
  let server: TestServer
  beforeAll(async () => {
    const database = await freshDatabase('PGlite')
    server = await startTestServer({ db: database.db })
    return async () => {
      await server[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    }
  })

  const signedUp = async (data: object = {}) => {
    const client = createClient(server.address, 'sb_publishable_local', {
      auth: { persistSession: false, autoRefreshToken: false },
    })
    const email = `${randomUUID()}@example.com`
    const signUp = await client.auth.signUp({ email, password: PASSWORD, options: { data } })
    return { client, session: signUp.data.session?.access_token ?? '' }
  }
  const get = (path: string, headers: Record<string, string> = {}) => fetch(server.address + path, { headers })

  it('R-MM-04: an account that signed up by supabase-js makes calls', async () => {
    const { session } = await signedUp({ full_name: 'Ada' })
    const reply = await get('/api/identity/me', { authorization: `Bearer ${session}` })
    expect(reply.status).toBe(200)
    expect(await reply.json()).toMatchObject({ fullName: 'Ada', role: 'user', status: 'active' })
  })

  it('R-MM-03: what a user writes into its own metadata makes nobody an administrator', async () => {
    const { client, session } = await signedUp({ role: 'admin', app_metadata: { role: 'admin' } })
    await client.auth.updateUser({ data: { role: 'super_admin', status: 'active' } })
    const reply = await get('/api/identity/me', { authorization: `Bearer ${session}` })
    expect(await reply.json()).toMatchObject({ role: 'user' })
  })

  it('a call without a session says what to bring', async () => {
    const reply = await get('/api/identity/me')
    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toBe('Bearer')
    expect(reply.headers.get('content-type')).toContain('application/problem+json')
  })

  it('R-DC-14: a proof without nonce gets one to try again with', async () => {
    const { session } = await signedUp()
    const key = await makeDeviceKey()
    const path = '/api/identity/registerDevice'
    const register = async (nonce: string | null) => {
      const about = {
        method: 'POST',
        uri: server.config.publicOrigin + path,
        accessToken: session,
        now: server.clock.now(),
      }
      const dpop = await key.prove({ ...about, nonce: nonce ?? '' })
      return fetch(server.address + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${session}`, dpop, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'Studio', platform: 'linux', kind: 'persistent' }),
      })
    }
    const refused = await register(null)
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toContain('use_dpop_nonce')
    expect(await refused.json()).toMatchObject({ code: 'use-dpop-nonce' })
    const accepted = await register(refused.headers.get('dpop-nonce'))
    expect(accepted.status).toBe(200)
    expect(accepted.headers.get('dpop-nonce')).not.toBeNull()
  })

  it('sign-in answers for this computer only, and to no other site', async () => {
    const { port } = new URL(server.address)
    const { request } = await import('node:http')
    const status = await new Promise<number | undefined>((resolve) => {
      request({ host: '127.0.0.1', port, path: '/auth/v1/settings', headers: { host: 'thief.example' } }, (reply) => {
        reply.resume()
        resolve(reply.statusCode)
      }).end()
    })
    expect(status).toBe(421)
    const cors = await get('/auth/v1/settings', { origin: 'https://thief.example' })
    expect(cors.headers.get('access-control-allow-origin')).toBeNull()
  })

  it('no password, session or refresh token reaches the log', async () => {
    const { client, session } = await signedUp()
    await client.auth.signInWithPassword({ email: 'nobody@example.com', password: PASSWORD })
    await get('/api/identity/me', { authorization: `Bearer ${session}x` })
    const { data } = await client.auth.refreshSession()
    const log = server.log()
    expect(log).toContain('/auth/v1/signup')
    for (const secret of [PASSWORD, session, data.session?.refresh_token ?? session]) expect(log).not.toContain(secret)
  })
})

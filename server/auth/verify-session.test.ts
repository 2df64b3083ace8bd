import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterEach, describe, expect, it } from 'vitest'
import { bearerToken, createSessionVerifier } from './verify-session.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const USER = '00000000-0000-4000-8000-00000000000a'
const SESSION = '00000000-0000-4000-8000-00000000005e'
const noSecrets = { get: () => Promise.reject(new Error('production signs in at Supabase')) }

const open: Server[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

/** A Supabase project as this server sees it: an address with public keys. */
async function project(answer: () => { status: number; body: string }, now: () => number = () => NOW) {
  let asked = 0
  const server = createServer((request, reply) => {
    asked += 1
    const { status, body } = request.url === '/auth/v1/.well-known/jwks.json' ? answer() : { status: 404, body: '' }
    reply.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = { publicOrigin: 'https://store.example', supabase: { url, publishableKey: 'sb_publishable_x' } }
  return {
    issuer: `${url}/auth/v1`,
    asked: () => asked,
    verifier: createSessionVerifier(config, { clock: { now }, secrets: noSecrets }),
  }
}

async function keysOf(...algorithms: string[]) {
  const pairs = await Promise.all(algorithms.map((alg) => generateKeyPair(alg, { extractable: true })))
  const keys = await Promise.all(
    pairs.map(async ({ publicKey }, n) => ({
      ...(await exportJWK(publicKey)),
      kid: `key-${n}`,
      alg: algorithms[n] ?? '',
    })),
  )
  const sign = (n: number, issuer: string, change: object = {}) =>
    new SignJWT({ role: 'authenticated', session_id: SESSION, ...change })
      .setProtectedHeader({ alg: algorithms[n] ?? '', kid: `key-${n}` })
      .setIssuer(issuer)
      .setAudience('authenticated')
      .setSubject(USER)
      .setIssuedAt(NOW / 1000)
      .setExpirationTime(NOW / 1000 + 3600)
      .sign(pairs[n]?.privateKey as never)
  return { body: JSON.stringify({ keys }), sign }
}

describe('sessions of a Supabase project', () => {
  it('R-MM-04: a token that was accepted is refused once it is too old, also just after it was', async () => {
    const { body, sign } = await keysOf('ES256')
    let now = NOW
    const { verifier, issuer } = await project(
      () => ({ status: 200, body }),
      () => now,
    )
    const token = await sign(0, issuer)
    expect(await verifier.verify(token)).toMatchObject({ userId: USER })
    now = NOW + 3_599_000
    expect(await verifier.verify(token)).toMatchObject({ userId: USER })
    now = NOW + 3_606_000
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'not-signed-in' })
  })

  it.each(['ES256', 'RS256'])('R-MM-04: accepts %s by the keys of the project, fetched once', async (algorithm) => {
    const { body, sign } = await keysOf(algorithm)
    const { verifier, issuer, asked } = await project(() => ({ status: 200, body }))
    const token = await sign(0, issuer)
    expect(await verifier.verify(token)).toEqual({ userId: USER, sessionId: SESSION, token })
    await verifier.verify(await sign(0, issuer))
    expect(asked()).toBe(1)
  })

  it('refuses an algorithm of the list that is not, and the shared secret of older projects', async () => {
    const { body, sign } = await keysOf('ES384')
    const { verifier, issuer } = await project(() => ({ status: 200, body }))
    await expect(verifier.verify(await sign(0, issuer))).rejects.toMatchObject({ code: 'not-signed-in' })
    const shared = new SignJWT({ role: 'authenticated', session_id: SESSION })
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(issuer)
      .setAudience('authenticated')
      .setSubject(USER)
      .setIssuedAt(NOW / 1000)
      .setExpirationTime(NOW / 1000 + 3600)
    await expect(verifier.verify(await shared.sign(new Uint8Array(32)))).rejects.toMatchObject({
      code: 'not-signed-in',
    })
  })

  it("refuses a session that this server's own origin would have issued", async () => {
    const { body, sign } = await keysOf('ES256')
    const { verifier } = await project(() => ({ status: 200, body }))
    const token = await sign(0, 'https://store.example/auth/v1')
    await expect(verifier.verify(token)).rejects.toMatchObject({ code: 'not-signed-in' })
  })

  it.each([
    ['answers with an error', { status: 500, body: '' }],
    ['answers with something else', { status: 200, body: '<html>' }],
    ['has no key list', { status: 200, body: '{}' }],
  ])('keeps people signed in while the project %s', async (_what, answer) => {
    const { sign } = await keysOf('ES256')
    const { verifier, issuer } = await project(() => answer)
    await expect(verifier.verify(await sign(0, issuer))).rejects.toMatchObject({ code: 'server-busy' })
  })

  it('keeps people signed in while the project can not be reached', async () => {
    const { sign } = await keysOf('ES256')
    const { verifier, issuer } = await project(() => ({ status: 200, body: '' }))
    await new Promise((resolve) => open.splice(0)[0]?.close(resolve))
    await expect(verifier.verify(await sign(0, issuer))).rejects.toMatchObject({ code: 'server-busy' })
  })
})

describe('the Authorization header', () => {
  it.each([
    [undefined, null],
    ['Bearer sb_publishable_x', null],
    ['Bearer abc.def.ghi', 'abc.def.ghi'],
    ['bearer abc.def.ghi', 'abc.def.ghi'],
  ])('%s is %s', (header, token) => {
    expect(bearerToken(header)).toBe(token)
  })

  it.each(['Basic abc', 'Bearer', 'abc.def.ghi', 'Bearer a b', 'DPoP abc'])('%s is refused', (header) => {
    expect(() => bearerToken(header)).toThrow(expect.objectContaining({ code: 'not-signed-in' }))
  })
})

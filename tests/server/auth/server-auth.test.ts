import { createHash, createPublicKey, randomUUID } from 'node:crypto'
import { type CryptoKey, generateKeyPair, SignJWT } from 'jose'
import { sql } from 'kysely'
import { beforeAll, expect, it } from 'vitest'
import type { AppError } from '../../../contract/errors.ts'
import type { Beside } from '../../../server/auth/server-auth.ts'
import { signingKeys } from '../../../server/auth/signing-keys.ts'
import { asCaller, inServerTransaction } from '../../../server/db/transaction.ts'
import { bucketsOfCall } from '../../../server/http/rate-limits.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { type DeviceKey, makeDeviceKey } from '../../_kit/device-key.ts'
import { SERVICE } from '../../_kit/people.ts'
import { makeSecrets, type SignInServer, startSignInServer } from '../../_kit/sign-in-server.ts'

const PASSWORD = 'correct horse battery'
const REGISTER = '/api/identity/registerDevice'

describeEachEngine(
  'establishing who calls',
  (open) => {
    const secrets = makeSecrets()
    let server: SignInServer
    beforeAll(async () => {
      server = await startSignInServer({ db: (await open()).db, secrets })
      return () => server[Symbol.asyncDispose]()
    })

    const signedUp = async () => {
      const email = `${randomUUID()}@example.com`
      const { data } = await server.client().auth.signUp({ email, password: PASSWORD })
      return { email, session: data.session?.access_token ?? '', userId: data.user?.id ?? '' }
    }
    const request = (session: string, dpop: readonly string[] = []) => ({
      ...{ method: 'POST', path: REGISTER, authorization: `Bearer ${session}`, dpop },
      ...{ downloadToken: null, address: '127.0.0.1' },
    })
    const prove = async (key: DeviceKey, session: string, claims: Record<string, unknown> = {}) =>
      key.prove(
        {
          ...{ method: 'POST', uri: server.address + REGISTER, accessToken: session },
          ...{ nonce: await server.services.auth.currentNonce(), now: server.clock.now() },
        },
        { claims },
      )
    const signedInAgain = async (email: string) => {
      const { data } = await server.client().auth.signInWithPassword({ email, password: PASSWORD })
      return data.session?.access_token ?? ''
    }
    const registered = async (kind: 'persistent' | 'session' = 'persistent') => {
      const account = await signedUp()
      const key = await makeDeviceKey()
      const input = { name: 'Studio', platform: 'linux', kind }
      const { body } = await server.call('registerDevice', input, { session: account.session, key })
      return { ...account, key, device: body.device }
    }
    const authenticate = (...facts: Parameters<typeof server.services.auth.authenticate>) =>
      server.services.auth.authenticate(...facts)

    it('R-DC-14: a proof of the registered key names account, session, sign-in and device', async () => {
      const { session, userId, key, device } = await registered()
      const caller = await authenticate(request(session, [await prove(key, session)]), 'device')
      expect(caller).toMatchObject({
        userId,
        device: { id: device.id, thumbprint: key.thumbprint },
        address: '127.0.0.1',
      })
      expect(caller.signedInAt).toBe(server.clock.now())
    })

    it('R-DC-14: a proof is accepted once, also by another process and when its call is refused', async () => {
      const { session, key } = await registered()
      await using second = await startSignInServer({
        ...{ db: server.db, clock: server.clock, secrets },
        config: { publicOrigin: server.address },
      })
      const proof = await prove(key, session)
      await authenticate(request(session, [proof]), 'device')
      for (const { services } of [server, second])
        await expect(services.auth.authenticate(request(session, [proof]), 'device')).rejects.toMatchObject({
          code: 'invalid-dpop-proof',
        })
      const stranger = await makeDeviceKey()
      const refused = await prove(stranger, session)
      await expect(authenticate(request(session, [refused]), 'device')).rejects.toMatchObject({
        code: 'device-unknown',
      })
      await expect(authenticate(request(session, [refused]), 'device')).rejects.toMatchObject({
        code: 'invalid-dpop-proof',
      })
    })

    it('R-DC-14: of 20 parallel uses of one proof one counts', async () => {
      const { session, key } = await registered()
      const proof = await prove(key, session)
      const uses = Array.from({ length: 20 }, () => authenticate(request(session, [proof]), 'device'))
      const outcomes = await Promise.allSettled(uses)
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    })

    it('R-DC-14: equal jti of two keys are two proofs', async () => {
      const [one, two] = [await registered(), await registered()]
      const claims = { jti: 'the same' }
      await authenticate(request(one.session, [await prove(one.key, one.session, claims)]), 'device')
      await authenticate(request(two.session, [await prove(two.key, two.session, claims)]), 'device')
    })

    it("R-DC-14: the key of another account's device is no device of this one", async () => {
      const [mine, other] = [await registered(), await registered()]
      const proof = await prove(other.key, mine.session)
      await expect(authenticate(request(mine.session, [proof]), 'device')).rejects.toMatchObject({
        code: 'device-unknown',
      })
    })

    it('R-DC-14: a call of a device without proof, without nonce or without session is refused', async () => {
      const { session, key } = await registered()
      await expect(authenticate(request(session), 'device')).rejects.toMatchObject({ code: 'invalid-dpop-proof' })
      const withoutNonce = await prove(key, session, { nonce: undefined })
      await expect(authenticate(request(session, [withoutNonce]), 'device')).rejects.toMatchObject({
        code: 'use-dpop-nonce',
      })
      const { authorization: _, ...anonymous } = request('', [await prove(key, '')])
      await expect(authenticate({ ...anonymous, authorization: undefined }, 'device')).rejects.toMatchObject({
        code: 'not-signed-in',
      })
    })

    it('anyone may make the calls that need nothing; a key of the sb_ kind is no session', async () => {
      const nobody = { userId: null, sessionId: null, signedInAt: null, device: null, key: null, address: '127.0.0.1' }
      expect(await authenticate({ ...request(''), authorization: undefined }, 'optional')).toEqual(nobody)
      expect(await authenticate(request('sb_publishable_local'), 'optional')).toEqual(nobody)
      expect(await authenticate(request('not a session'), 'none')).toEqual(nobody)
      const { session, userId } = await signedUp()
      expect(await authenticate(request(session), 'optional')).toMatchObject({ userId, device: null })
    })

    it('a call that needs a session is refused to the key of the sb_ kind', async () => {
      await expect(authenticate(request('sb_publishable_local'), 'session')).rejects.toMatchObject({
        code: 'not-signed-in',
      })
    })

    it.each(['optional', 'session'] as const)('R-MM-04: refuses forged sessions where proof is %s', async (proof) => {
      const { userId, session } = await signedUp()
      const [own] = await signingKeys(secrets)
      const foreign = await generateKeyPair('ES256')
      const claims = JSON.parse(Buffer.from(session.split('.')[1] ?? '', 'base64url').toString()) as Record<
        string,
        unknown
      >
      const sign = (change: object, header: object = {}, key: CryptoKey | Uint8Array = own.privateKey) =>
        new SignJWT({ ...claims, ...change })
          .setProtectedHeader({ alg: 'ES256', kid: own.kid, typ: 'JWT', ...header })
          .sign(key)
      // The public key as text, used as an HMAC secret: what a verifier accepts that lets the token choose its algorithm.
      const publicPem = createPublicKey({ key: { ...own.publicJwk } as never, format: 'jwk' }).export({
        type: 'spki',
        format: 'pem',
      })
      const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
      await authenticate(request(await sign({})), proof)
      const forged: Record<string, string> = {
        'another key under our kid': await sign({}, {}, foreign.privateKey),
        'an unknown kid': await sign({}, { kid: 'unknown' }),
        'HS256 with the public key': await sign({}, { alg: 'HS256' }, new TextEncoder().encode(String(publicPem))),
        'alg none': `${encode({ alg: 'none' })}.${encode(claims)}.`,
        'another issuer': await sign({ iss: 'https://project.supabase.co/auth/v1' }),
        'another audience': await sign({ aud: 'service' }),
        'no audience': await sign({ aud: undefined }),
        'the service role': await sign({ role: 'service_role' }),
        'no end': await sign({ exp: undefined }),
        'an end in the past': await sign({ exp: Math.floor(server.clock.now() / 1000) - 6 }),
        'a beginning in the future': await sign({ nbf: Math.floor(server.clock.now() / 1000) + 60 }),
        'no session': await sign({ session_id: undefined }),
        'a session that is no id': await sign({ session_id: "' or true --" }),
        'a user that is no id': await sign({ sub: 'admin' }),
        'no user': await sign({ sub: undefined }),
        text: 'session',
        nothing: '',
        'a changed byte': `${session.slice(0, -10)}${session.at(-10) === 'A' ? 'B' : 'A'}${session.slice(-9)}`,
      }
      for (const [what, token] of Object.entries(forged))
        await expect(authenticate(request(token), proof), what).rejects.toMatchObject({ code: 'not-signed-in' })
      const gone = {
        'an ended session': await sign({ session_id: randomUUID() }),
        'no account': await sign({ sub: randomUUID() }),
      }
      for (const [what, token] of Object.entries(gone))
        await expect(authenticate(request(token), proof), what).rejects.toMatchObject({ code: 'session-expired' })
      const other = await signedUp()
      const swapped = await sign({ sub: other.userId })
      await expect(authenticate(request(swapped), proof), 'the session of somebody else').rejects.toMatchObject({
        code: 'session-expired',
      })
      expect(userId).not.toBe(other.userId)
    })

    it.each(['suspended', 'banned', 'deleted'])('R-MM-02: an account that is %s makes no calls', async (status) => {
      const { session, userId, key } = await registered()
      await asCaller(server.db, SERVICE, (tx) =>
        tx.updateTable('profiles').set({ status }).where('id', '=', userId).execute(),
      )
      for (const proof of ['session', 'optional'] as const)
        await expect(authenticate(request(session), proof)).rejects.toMatchObject({ code: 'account-suspended' })
      await expect(authenticate(request(session, [await prove(key, session)]), 'device')).rejects.toMatchObject({
        code: 'account-suspended',
      })
    })

    it('R-DC-15: a removed device is refused at once, with its session and with a new one', async () => {
      const { email, session, key, device } = await registered()
      const other = await signedInAgain(email)
      await server.call('revokeDevice', { deviceId: device.id }, { session })
      await expect(authenticate(request(session), 'session')).rejects.toMatchObject({ code: 'device-revoked' })
      for (const each of [session, other])
        await expect(authenticate(request(each, [await prove(key, each)]), 'device')).rejects.toMatchObject({
          code: 'device-revoked',
        })
      expect(await authenticate(request(other), 'session')).toMatchObject({ device: null })
    })

    it('a device that lasts one session is unknown in the next', async () => {
      const { email, session, key } = await registered('session')
      await authenticate(request(session, [await prove(key, session)]), 'device')
      const next = await signedInAgain(email)
      await expect(authenticate(request(next, [await prove(key, next)]), 'device')).rejects.toMatchObject({
        code: 'device-unknown',
      })
    })

    const hitsOf = async (name: string, key: string) => {
      const bucket = `${name}:${createHash('sha256').update(key).digest('base64url')}`
      const { rows } = await inServerTransaction(server.db, (tx) =>
        sql<{ hits: number }>`select sum(hits)::int as hits from rate_limits where bucket = ${bucket}`.execute(tx),
      )
      return rows[0]?.hits ?? 0
    }
    const init = (tokens: number): Beside => ({
      network: '127.0.0.1/32',
      limits: (who) =>
        bucketsOfCall('delivery.init', who, { want: Array.from({ length: tokens }, (_, at) => [at, at]) }),
    })

    it('R-MM-75: one account may ask for 120 downloads in a minute, and what the minute refuses is not taken from the day', async () => {
      const { session, key, userId } = await registered()
      server.clock.advance(60_000 - (server.clock.now() % 60_000))
      const ask = async () => authenticate(request(session, [await prove(key, session)]), 'device', init(1))
      const outcomes = await Promise.allSettled(Array.from({ length: 125 }, ask))
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused.map(({ reason }) => reason as AppError)).toEqual(
        Array.from({ length: 5 }, () =>
          expect.objectContaining({ code: 'rate-limited', detail: { limit: 'init-by-user', retryAfterSeconds: 60 } }),
        ),
      )
      expect(await hitsOf('init-day-by-user', userId)).toBe(120)
      expect(await hitsOf('tokens-by-device', key.thumbprint)).toBe(120)
      server.clock.advance(60_000)
      await ask()
    })

    it('R-MM-75: a device may ask for 600 tokens in a minute; a call for more takes nothing', async () => {
      const { session, key, userId } = await registered()
      server.clock.advance(60_000 - (server.clock.now() % 60_000))
      const ask = async (tokens: number) =>
        authenticate(request(session, [await prove(key, session)]), 'device', init(tokens))
      for (let n = 0; n < 74; n += 1) await ask(8)
      await expect(ask(9)).rejects.toMatchObject({ code: 'rate-limited', detail: { limit: 'tokens-by-device' } })
      expect(await hitsOf('init-by-user', userId)).toBe(74)
      await ask(8)
    })

    it('R-MM-75: a key that is no device of the account, or a proof used before, takes nothing from its limits', async () => {
      const { session, key, userId } = await registered()
      const stranger = await makeDeviceKey()
      const ask = async (by: DeviceKey) => authenticate(request(session, [await prove(by, session)]), 'device', init(1))
      await expect(ask(stranger)).rejects.toMatchObject({ code: 'device-unknown' })
      const proof = await prove(key, session)
      await authenticate(request(session, [proof]), 'device', init(1))
      await expect(authenticate(request(session, [proof]), 'device', init(1))).rejects.toMatchObject({
        code: 'invalid-dpop-proof',
      })
      expect(await hitsOf('init-by-user', userId)).toBe(1)
    })

    it('sessions and nonces outlive a restart of the server', async () => {
      const { session, userId } = await signedUp()
      await using after = await startSignInServer({
        ...{ db: server.db, clock: server.clock, secrets },
        config: { publicOrigin: server.address },
      })
      expect(await after.services.auth.authenticate(request(session), 'session')).toMatchObject({ userId })
      expect(await after.services.auth.currentNonce()).toBe(await server.services.auth.currentNonce())
    })
  },
  ['PGlite', 'PostgreSQL'],
)

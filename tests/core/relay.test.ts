import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import { catalogue } from '../../contract/catalogue.ts'
import { commerce } from '../../contract/commerce.ts'
import { delivery } from '../../contract/delivery.ts'
import { AppError, type ErrorCode } from '../../contract/errors.ts'
import { identity } from '../../contract/identity.ts'
import { createMemorySecretStore } from '../../main/adapters/memory-secret-store.ts'
import { systemRandom } from '../../main/adapters/system-random.ts'
import { createEventHub } from '../../main/core/event-hub.ts'
import { createDeviceKeys } from '../../main/core/identity/device-keys.ts'
import { createNetwork } from '../../main/core/server/network.ts'
import { createProofHeaders } from '../../main/core/server/proof-headers.ts'
import { createServerCall } from '../../main/core/server/server-call.ts'
import type { SessionSource } from '../../main/core/server/session-source.ts'
import { createManualClock } from '../_kit/manual-clock.ts'
import { problem, type RecordedRequest, startScriptedServer } from '../_kit/scripted-server.ts'
import { recordingLog } from '../_kit/start-core.ts'

const ID = '7f1d3f0e-3c55-4b8a-9d2e-0a1b2c3d4e5f'
const GENRES = { body: { genres: [] } }
const ORIGIN = 'https://store.mixmint.example'

/** The relay over a session that the test controls. */
async function startRelay(options: { token?: string | null } = {}) {
  const server = await startScriptedServer()
  const clock = createManualClock()
  const keys = createDeviceKeys(createMemorySecretStore())
  const events = createEventHub(recordingLog([]))
  const heard: boolean[] = []
  events.subscribe((event) => {
    if (event.type === 'network.changed') heard.push(event.isOnline)
  })
  let token = options.token === undefined ? 'token-1' : options.token
  let renewal: (() => Promise<void>) | null = null
  const calls = { renewed: 0, deviceRefused: 0 }
  const session: SessionSource = {
    accessToken: async () => token,
    async renew(rejected) {
      if (token !== rejected) return
      calls.renewed++
      if (renewal !== null) return await renewal()
      token = `token-${calls.renewed + 1}`
    },
    deviceKey: () => keys.keyFor(ID),
    deviceReady: async () => {},
    deviceRefused: () => void calls.deviceRefused++,
  }
  const network = createNetwork({
    clock,
    events,
    probe: async () => void (await serverCall(catalogue.listGenres, {})),
  })
  const proofs = createProofHeaders({
    clock,
    random: systemRandom,
    session,
    serverAddress: server.address,
    proxyFor: () => null,
    publicOrigin: async () => ORIGIN,
  })
  const serverCall = createServerCall({
    serverAddress: server.address,
    agentsFor: () => undefined,
    random: systemRandom,
    network,
    session,
    proofs,
  })
  return {
    server,
    clock,
    network,
    serverCall,
    proofs,
    calls,
    heard,
    key: () => keys.keyFor(ID),
    onRenew: (work: () => Promise<void>) => {
      renewal = work
    },
    async [Symbol.asyncDispose]() {
      network.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const error = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw error
  return error
}

const grant = {
  attempt: {
    id: ID,
    state: 'reserved',
    isReused: false,
    isRepair: false,
    closesAt: '2026-01-01T00:00:00Z',
    bytesServed: 0,
    byteBudget: 1,
  },
  object: {
    sizeBytes: 1,
    etag: '"x"',
    sha256: 'a'.repeat(64),
    segmentSize: 1,
    segmentSha256: [],
    segmentRoot: 'a'.repeat(64),
    audioSha256: null,
    fileName: 'x',
    mimeType: 'audio/mpeg',
  },
  tokens: [],
  entitlement: { source: 'purchase', attemptsLeft: 1, quotaLeft: null },
  contents: null,
}
const initInput = { contentType: 'track' as const, contentId: ID }

test('a query sends its input in the address, a command in its body', async () => {
  await using relay = await startRelay({ token: null })
  relay.server.on('GET /api/catalogue/getDj', () => problem('not-found'))
  await failureOf(relay.serverCall(catalogue.getDj, { slug: 'dj & co?' }))
  const [query] = relay.server.requests
  expect(JSON.parse(query?.query.get('input') ?? '')).toEqual({ slug: 'dj & co?' })
  expect(query?.body).toBe('')
  expect(query?.headers['accept-encoding']).toBe('identity')
  expect(query?.headers.authorization).toBeUndefined()
})

test('each problem document becomes the failure of its code, with its facts and when to try again', async () => {
  await using relay = await startRelay()
  const codes: ErrorCode[] = ['not-found', 'account-suspended', 'internal', 'invalid-input']
  for (const code of codes) {
    relay.server.on('GET /api/catalogue/listGenres', () => problem(code))
    expect((await failureOf(relay.serverCall(catalogue.listGenres, {}))).code).toBe(code)
  }
  relay.server.on('GET /api/catalogue/listGenres', () =>
    problem('rate-limited', { facts: { bucket: 'calls' } }, { 'retry-after': '17' }),
  )
  const limited = await failureOf(relay.serverCall(catalogue.listGenres, {}))
  expect(limited.detail).toMatchObject({ bucket: 'calls', retryAfterSeconds: 17 })
  relay.server.on('GET /api/catalogue/listGenres', () =>
    problem('rate-limited', {}, { 'retry-after': 'Wed, 21 Oct 2099 07:28:00 GMT' }),
  )
  const { detail } = await failureOf(relay.serverCall(catalogue.listGenres, {}))
  expect(detail?.['retryAfterSeconds']).toBeGreaterThan(1e9)
})

test('a code that this version does not know is no success and no crash', async () => {
  await using relay = await startRelay()
  relay.server.on('GET /api/catalogue/listGenres', () => problem('not-found', { code: 'from-the-future' }))
  expect((await failureOf(relay.serverCall(catalogue.listGenres, {}))).code).toBe('internal')
})

test.each([
  ['a page of a hotel network', { status: 200, body: '<html>Please sign in</html>' }, 'captive-portal'],
  ['a redirect', { status: 302, headers: { location: 'https://portal.example/' }, body: '' }, 'captive-portal'],
  ['511', { status: 511, body: '<html></html>' }, 'captive-portal'],
  ['a foreign 404 page', { status: 404, body: '<html></html>' }, 'captive-portal'],
  [
    'text that calls itself JSON',
    { headers: { 'content-type': 'application/json' }, body: '<html>' },
    'captive-portal',
  ],
  ['a gateway that reaches nobody', { status: 502, body: '<html>Bad gateway</html>' }, 'server-busy'],
  ['a cut connection', { hangUp: true }, 'offline'],
] as const)('%s is not taken for an answer of the server', async (_, answer, code) => {
  await using relay = await startRelay()
  relay.server.on('GET /api/catalogue/listGenres', () => answer)
  expect((await failureOf(relay.serverCall(catalogue.listGenres, {}))).code).toBe(code)
  expect(relay.network.isOnline()).toBe(false)
})

test('a read that meets a connection which the server has just closed is sent again, a change is not', async () => {
  await using relay = await startRelay()
  const answers = [{ hangUp: true as const }, GENRES]
  relay.server.on('GET /api/catalogue/listGenres', () => answers.shift() ?? GENRES)
  expect(await relay.serverCall(catalogue.listGenres, {})).toEqual({ genres: [] })
  expect(relay.network.isOnline()).toBe(true)
  relay.server.on('POST /api/download/init', () => ({ hangUp: true }))
  const before = relay.server.requests.length
  expect((await failureOf(relay.serverCall(delivery.init, initInput))).code).toBe('offline')
  expect(relay.server.requests.length - before).toBe(1)
})

test('a redirect is not followed, so a session never goes to another host', async () => {
  await using relay = await startRelay()
  await using other = await startScriptedServer()
  relay.server.on('GET /api/identity/me', () => ({
    status: 307,
    headers: { location: `${other.address}/api/identity/me` },
    body: '',
  }))
  await failureOf(relay.serverCall(identity.me, {}))
  expect(other.requests).toEqual([])
})

test('an answer that is not what the contract says is no data: a failure that may pass, and says of which call and field', async () => {
  await using relay = await startRelay()
  relay.server.on('GET /api/catalogue/listGenres', () => ({ body: { genres: [{ slug: 7 }] } }))
  expect(await failureOf(relay.serverCall(catalogue.listGenres, {}))).toMatchObject({
    code: 'server-busy',
    message: 'The server gave an answer that this version does not understand',
    detail: { call: 'catalogue.listGenres', field: expect.stringMatching(/^genres\.0\./) },
  })
})

test('what the contract does not name stays with the server: nothing extra reaches a caller', async () => {
  await using relay = await startRelay()
  relay.server.on('GET /api/catalogue/listGenres', () => ({ body: { genres: [], accessToken: 'canary' } }))
  expect(await relay.serverCall(catalogue.listGenres, {})).toEqual({ genres: [] })
})

test('a rejected session is renewed once for all calls that run into it, and each is sent once more', async () => {
  await using relay = await startRelay()
  const account = { id: ID, email: 'a@b.example', fullName: null, role: 'user', status: 'active' }
  relay.server.on('GET /api/identity/me', ({ headers }) =>
    headers.authorization === 'Bearer token-2' ? { body: account } : problem('not-signed-in'),
  )
  const answers = await Promise.all(Array.from({ length: 8 }, () => relay.serverCall(identity.me, {})))
  expect(answers).toEqual(Array.from({ length: 8 }, () => account))
  expect(relay.calls.renewed).toBe(1)
})

test('a session that is rejected twice is not renewed without end', async () => {
  await using relay = await startRelay()
  relay.server.on('GET /api/identity/me', () => problem('not-signed-in'))
  expect((await failureOf(relay.serverCall(identity.me, {}))).code).toBe('not-signed-in')
  expect(relay.server.requests).toHaveLength(2)
})

test('the store stays open to one whose session has ended for good', async () => {
  await using relay = await startRelay()
  relay.onRenew(async () => {
    throw new AppError('session-expired')
  })
  let isSessionGone = false
  relay.server.on('GET /api/catalogue/listDjs', ({ headers }) => {
    if (headers.authorization !== undefined && !isSessionGone) {
      isSessionGone = true
      return problem('not-signed-in')
    }
    return { body: { items: [], nextCursor: null } }
  })
  expect(await relay.serverCall(catalogue.listDjs, {})).toEqual({ items: [], nextCursor: null })
})

test('without a session, a call that needs one does not leave this computer', async () => {
  await using relay = await startRelay({ token: null })
  expect((await failureOf(relay.serverCall(identity.me, {}))).code).toBe('not-signed-in')
  expect(relay.server.requests).toEqual([])
})

async function verifiedProof(request: RecordedRequest | undefined) {
  const proof = String(request?.headers['dpop'])
  const { jwk, alg, typ } = decodeProtectedHeader(proof)
  const { payload } = await jwtVerify(proof, await importJWK(jwk as JWK, 'ES256'), {
    typ: 'dpop+jwt',
    algorithms: ['ES256'],
  })
  return { payload, jwk: jwk as JWK, alg, typ }
}

test('R-DC-14: a call that acts for a device carries a proof of its key over method, address and session', async () => {
  await using relay = await startRelay()
  relay.server.on('POST /api/download/init', () => ({ headers: { 'dpop-nonce': 'n-1' }, body: grant }))
  await relay.serverCall(delivery.init, initInput)
  await relay.serverCall(delivery.init, initInput)
  const [first, second] = await Promise.all(relay.server.requests.map(verifiedProof))
  expect(first?.jwk).not.toHaveProperty('d')
  expect(await calculateJwkThumbprint(first?.jwk ?? {})).toBe((await relay.key()).thumbprint)
  expect(first?.payload).toMatchObject({
    htm: 'POST',
    htu: `${ORIGIN}/api/download/init`,
    ath: createHash('sha256').update('token-1').digest('base64url'),
    iat: Math.floor(relay.clock.now() / 1000),
  })
  expect(first?.payload).not.toHaveProperty('nonce')
  expect(second?.payload['nonce']).toBe('n-1')
  expect(second?.payload.jti).not.toBe(first?.payload.jti)
})

test('R-DC-14: a proof for bytes names the download token', async () => {
  await using relay = await startRelay()
  const headers = await relay.proofs.headers({ method: 'GET', path: '/api/download/file', downloadToken: 'tok' })
  const { payload } = await verifiedProof({ method: 'GET', path: '', query: new URLSearchParams(), body: '', headers })
  expect(payload['dlt']).toBe(createHash('sha256').update('tok').digest('base64url'))
  expect(payload['htu']).toBe(`${ORIGIN}/api/download/file`)
})

test('a stale nonce is replaced by the one in the refusal, once', async () => {
  await using relay = await startRelay()
  relay.server.on('POST /api/download/init', async (request) => {
    const { payload } = await verifiedProof(request)
    return payload['nonce'] === 'n-2' ? { body: grant } : problem('use-dpop-nonce', {}, { 'dpop-nonce': 'n-2' })
  })
  await relay.serverCall(delivery.init, initInput)
  expect(relay.server.requests).toHaveLength(2)
  relay.server.on('POST /api/download/init', () => problem('use-dpop-nonce', {}, { 'dpop-nonce': 'n-3' }))
  expect((await failureOf(relay.serverCall(delivery.init, initInput))).code).toBe('use-dpop-nonce')
  expect(relay.server.requests).toHaveLength(4)
})

test('a removed device is told to who keeps the device', async () => {
  await using relay = await startRelay()
  relay.server.on('POST /api/download/init', () => problem('device-revoked'))
  expect((await failureOf(relay.serverCall(delivery.init, initInput))).code).toBe('device-revoked')
  expect(relay.calls.deviceRefused).toBe(1)
})

test('every try of one intent has its idempotency key; another intent has another', async () => {
  await using relay = await startRelay()
  relay.server.on('POST /api/commerce/checkout', () => problem('not-for-sale'))
  const input = { items: [initInput], returnTo: 'mixmint://payment' as const }
  const keys = async (options?: { idempotencyKey: string }) => {
    await failureOf(relay.serverCall(commerce.checkout, input, options))
    return relay.server.requests.at(-1)?.headers['idempotency-key']
  }
  expect(await keys({ idempotencyKey: 'k-1' })).toBe('k-1')
  const other = await keys()
  expect(other).toMatch(/^[0-9a-f-]{36}$/)
  expect(await keys()).not.toBe(other)
})

test('R-DC-24: a lost server is noticed by the call that meets it, and its return by a probe', async () => {
  await using relay = await startRelay()
  relay.server.on('GET /api/catalogue/listGenres', () => GENRES)
  await relay.server.stop()
  expect((await failureOf(relay.serverCall(catalogue.listGenres, {}))).code).toBe('offline')
  expect(relay.network.isOnline()).toBe(false)
  expect(relay.heard).toEqual([false])
  await relay.server.start()
  const back = new Promise<boolean>((resolve) => relay.network.onChange(resolve))
  relay.clock.advance(2_000)
  expect(await back).toBe(true)
  expect(relay.heard).toEqual([false, true])
})

test('an answer without end is cut off', async () => {
  await using relay = await startRelay()
  relay.server.on('GET /api/catalogue/listGenres', () => ({
    body: { genres: [], filler: 'x'.repeat(17 * 1024 * 1024) },
  }))
  expect((await failureOf(relay.serverCall(catalogue.listGenres, {}))).code).toBe('too-large')
})

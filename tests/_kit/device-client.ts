import { createHash, randomUUID } from 'node:crypto'
import got, { type Response } from 'got'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { CallDefinition, Input, Output } from '../../contract/call.ts'
import type { Device } from '../../contract/identity.ts'
import { identity } from '../../contract/identity.ts'

export interface Answer<T = unknown> {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: T
}

interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly idempotencyKey?: string
  /** The address on this computer that the request comes from: 127.0.0.2 to 9 stand for other networks. */
  readonly from?: string
  /** Bound into the proof as `dlt`. */
  readonly downloadToken?: string
  readonly isProofless?: boolean
  /** Another process of the same server, as a load balancer would choose it; the proof names the public origin all the same. */
  readonly via?: string
}

/** An account on a device, as an independent implementer of the protocol would write its client: plain HTTP and jose. */
export interface DeviceClient {
  readonly userId: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly thumbprint: string
  device: Device | null
  /** Any request with session and, unless told otherwise, device proof; a stale nonce is retried once. The body is bytes. */
  request(method: string, target: string, options?: RequestOptions): Promise<Answer<Buffer>>
  /** A call of the contract; the body is the parsed JSON of success or problem. */
  call<C extends CallDefinition>(
    definition: C,
    input: Input<C>,
    options?: RequestOptions,
  ): Promise<Answer<Output<C> & { code?: string }>>
  registerDevice(name?: string): Promise<Answer>
}

const API_KEY = 'sb_publishable_local'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

async function plain(
  origin: string,
  method: string,
  target: string,
  options: RequestOptions,
): Promise<Response<Uint8Array>> {
  return got(new URL(target, origin), {
    method: method as 'GET',
    headers: { ...options.headers },
    ...(options.json === undefined ? {} : { json: options.json }),
    ...(options.from === undefined ? {} : { localAddress: options.from }),
    responseType: 'buffer',
    throwHttpErrors: false,
    retry: { limit: 0 },
    followRedirect: false,
    decompress: false,
  })
}

/** Signs up (or in, with `isNew: false`) by e-mail and password; no device is registered yet. Throws when that is refused. */
export async function signInClient(
  origin: string,
  {
    email = `${randomUUID()}@people.example`,
    password = 'correct horse battery',
    isNew = true,
  }: { email?: string; password?: string; isNew?: boolean } = {},
): Promise<DeviceClient> {
  const path = isNew ? '/auth/v1/signup' : '/auth/v1/token?grant_type=password'
  const signedIn = await plain(origin, 'POST', path, { headers: { apikey: API_KEY }, json: { email, password } })
  const session = JSON.parse(Buffer.from(signedIn.body).toString()) as {
    access_token?: string
    refresh_token: string
    user: { id: string }
  }
  if (session.access_token === undefined)
    throw new Error(`Signing in answered ${signedIn.statusCode}: ${Buffer.from(signedIn.body).toString()}`)
  return deviceClient(origin, {
    accessToken: session.access_token,
    refreshToken: session.refresh_token,
    userId: session.user.id,
  })
}

/** The client of a session, with a fresh device key. */
export async function deviceClient(
  origin: string,
  session: { accessToken: string; refreshToken: string; userId: string },
): Promise<DeviceClient> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk: JWK = await exportJWK(publicKey)
  let nonce: string | undefined

  async function proof(method: string, url: URL, downloadToken?: string): Promise<string> {
    const claims = {
      jti: randomUUID(),
      htm: method,
      htu: url.origin + url.pathname,
      ath: sha256(session.accessToken),
      ...(nonce === undefined ? {} : { nonce }),
      ...(downloadToken === undefined ? {} : { dlt: sha256(downloadToken) }),
    }
    return new SignJWT(claims).setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk }).setIssuedAt().sign(privateKey)
  }

  async function request(method: string, target: string, options: RequestOptions = {}): Promise<Answer<Buffer>> {
    const url = new URL(target, origin)
    const once = async (): Promise<Response<Uint8Array>> => {
      const response = await plain(options.via ?? origin, method, target, {
        ...options,
        headers: {
          authorization: `Bearer ${session.accessToken}`,
          ...(options.isProofless ? {} : { dpop: await proof(method, url, options.downloadToken) }),
          ...(options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey }),
          ...options.headers,
        },
      })
      nonce = String(response.headers['dpop-nonce'] ?? nonce)
      return response
    }
    const first = await once()
    const isStale = first.statusCode === 401 && Buffer.from(first.body).includes('use-dpop-nonce')
    const response = isStale && !options.isProofless ? await once() : first
    return { status: response.statusCode, headers: response.headers, body: Buffer.from(response.body) }
  }

  const client: DeviceClient = {
    ...session,
    thumbprint: await calculateJwkThumbprint(jwk),
    device: null,
    request,
    async call(definition, input, options = {}) {
      const isQuery = definition.kind === 'query'
      const target = isQuery ? `${definition.path}?input=${encodeURIComponent(JSON.stringify(input))}` : definition.path
      const answer = await request(isQuery ? 'GET' : 'POST', target, {
        ...(isQuery ? {} : { json: input }),
        ...(definition.isIdempotent ? { idempotencyKey: randomUUID() } : {}),
        ...options,
      })
      return { ...answer, body: JSON.parse(answer.body.toString()) }
    },
    async registerDevice(name = 'Test computer') {
      const answer = await client.call(identity.registerDevice, { name, platform: 'linux', kind: 'persistent' })
      if (answer.status === 200) client.device = answer.body.device
      return answer
    },
  }
  return client
}

/** Signs a new account up and registers its device. */
export async function registeredClient(
  origin: string,
  account: Parameters<typeof signInClient>[1] = {},
): Promise<DeviceClient> {
  const client = await signInClient(origin, account)
  const answer = await client.registerDevice()
  if (answer.status !== 200) throw new Error(`Registering answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  return client
}

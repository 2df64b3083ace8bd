import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import type { LoadConnection } from './load-connection.ts'

/** An account on a device: signs proofs with plain Node crypto, because the generator shares the processors with the server. */
export interface LoadClient {
  readonly userId: string
  readonly accessToken: string
  /** The address it says it comes from, through a trusted proxy: limits count by address. */
  readonly address: string
  headers(method: string, path: string, nonce: string, downloadToken?: string): Record<string, string>
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const JSON_BODY = { 'content-type': 'application/json' }

/** Signs a new account up and registers its device. */
export async function signUp(connection: LoadConnection, origin: string, index: number): Promise<LoadClient> {
  const address = `10.0.${index >> 8}.${index & 255}`
  const json = JSON.stringify({ email: `${randomUUID()}@people.example`, password: 'correct horse battery' })
  const headers = { ...JSON_BODY, apikey: 'sb_publishable_local', 'x-forwarded-for': address }
  const answer = await connection.send('POST', '/auth/v1/signup', headers, json)
  const session = JSON.parse(answer.body) as { access_token: string; user: { id: string } }
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const client = loadClient(origin, {
    userId: session.user.id,
    accessToken: session.access_token,
    address,
    privateKey: createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey,
  })
  await connection.send('GET', '/api/app/serverInfo', { 'x-forwarded-for': address })
  const registered = await connection.send(
    'POST',
    '/api/identity/registerDevice',
    {
      ...client.headers('POST', '/api/identity/registerDevice', connection.nonce),
      ...JSON_BODY,
      'idempotency-key': randomUUID(),
    },
    JSON.stringify({ name: `Load ${index}`, platform: 'linux', kind: 'persistent' }),
  )
  if (registered.status !== 200) throw new Error(`registerDevice answered ${registered.status} ${registered.body}`)
  return client
}

function loadClient(
  origin: string,
  facts: Pick<LoadClient, 'userId' | 'accessToken' | 'address'> & { privateKey: KeyObject; publicKey: KeyObject },
): LoadClient {
  const { userId, accessToken, address, privateKey, publicKey } = facts
  const { x, y } = publicKey.export({ format: 'jwk' })
  const head = encoded({ typ: 'dpop+jwt', alg: 'ES256', jwk: { kty: 'EC', crv: 'P-256', x, y } })
  const ath = sha256(accessToken)
  return {
    ...{ userId, accessToken, address },
    headers(method, path, nonce, downloadToken) {
      const claims = {
        ...{ jti: randomUUID(), htm: method, htu: `${origin}${path}`, iat: Math.floor(Date.now() / 1000), ath, nonce },
        ...(downloadToken === undefined ? {} : { dlt: sha256(downloadToken) }),
      }
      const signed = `${head}.${encoded(claims)}`
      const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' })
      return {
        authorization: `Bearer ${accessToken}`,
        dpop: `${signed}.${signature.toString('base64url')}`,
        'x-forwarded-for': address,
      }
    },
  }
}

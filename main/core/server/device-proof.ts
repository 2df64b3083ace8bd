import { createHash, type KeyObject, sign } from 'node:crypto'
import type { JWK } from 'jose'

/** A device key ready to sign: ES256 over P-256; the private part never leaves this object and the secret store. */
export interface DeviceKey {
  readonly privateKey: KeyObject
  readonly publicJwk: JWK
  /** RFC 7638, base64url. */
  readonly thumbprint: string
}

export interface ProofFacts {
  readonly method: string
  /** Public origin of the server and path, without query and fragment. */
  readonly htu: string
  readonly accessToken: string
  readonly nonce: string | null
  /** Milliseconds since 1970; the server does not judge freshness by it. */
  readonly now: number
  readonly jti: string
  readonly downloadToken?: string | undefined
}

/**
 * A DPoP proof (RFC 9449) of one request, bound to the access token, the server's nonce and, for bytes, the download token (`dlt`). Signed in
 * this thread: a signature takes less time than handing it to another (RFC 7515 §A.3 for its form).
 */
export function signDeviceProof(key: DeviceKey, facts: ProofFacts): string {
  const claims = {
    jti: facts.jti,
    htm: facts.method,
    htu: facts.htu,
    iat: Math.floor(facts.now / 1000),
    ath: sha256(facts.accessToken),
    ...(facts.nonce === null ? {} : { nonce: facts.nonce }),
    ...(facts.downloadToken === undefined ? {} : { dlt: sha256(facts.downloadToken) }),
  }
  const signed = `${encoded({ typ: 'dpop+jwt', alg: 'ES256', jwk: key.publicJwk })}.${encoded(claims)}`
  const signature = sign('sha256', Buffer.from(signed), { key: key.privateKey, dsaEncoding: 'ieee-p1363' })
  return `${signed}.${signature.toString('base64url')}`
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

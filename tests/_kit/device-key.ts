import { createHash, randomUUID } from 'node:crypto'
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** A device's key as the core has it, and a signer whose every claim a test may falsify. */
export interface DeviceKey {
  readonly thumbprint: string
  readonly publicJwk: JWK
  readonly privateJwk: JWK
  readonly privateKey: CryptoKey
  /** A good proof, with what `change` says put in its place; undefined takes a claim out. */
  prove(about: ProofFacts, change?: ProofChange): Promise<string>
}

export interface ProofFacts {
  readonly method: string
  readonly uri: string
  readonly accessToken: string
  readonly nonce: string
  /** ms */
  readonly now: number
  readonly downloadToken?: string
}

export interface ProofChange {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  /** Signs with this key in place of the one that the header names. */
  readonly signer?: CryptoKey
}

export async function makeDeviceKey(): Promise<DeviceKey> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const publicJwk = await exportJWK(publicKey)
  return {
    thumbprint: await calculateJwkThumbprint(publicJwk),
    publicJwk,
    privateJwk: await exportJWK(privateKey),
    privateKey,
    prove({ method, uri, accessToken, nonce, now, downloadToken }, { claims = {}, header = {}, signer } = {}) {
      const payload = {
        ...{ jti: randomUUID(), htm: method, htu: uri, iat: Math.floor(now / 1000), ath: hash(accessToken), nonce },
        ...(downloadToken === undefined ? {} : { dlt: hash(downloadToken) }),
        ...claims,
      }
      const protectedHeader = { alg: 'ES256', typ: 'dpop+jwt', jwk: publicJwk, ...header }
      return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(signer ?? privateKey)
    },
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

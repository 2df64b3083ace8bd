import { createECDH, hkdfSync } from 'node:crypto'
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from 'jose'
import type { ServerSecrets } from '../secrets.ts'

/** A key pair that local sign-in signs sessions with. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: JWK
}

/** The order of the group of P-256 (FIPS 186-5, D.1.2.3). */
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The keys of local sign-in, the present one first. They follow from the stored secret, so sessions outlive a restart. */
export async function signingKeys(secrets: ServerSecrets): Promise<readonly [SigningKey, ...SigningKey[]]> {
  const [current, ...previous] = await secrets.get('jwt-keys')
  return [await keyFrom(current), ...(await Promise.all(previous.map(keyFrom)))]
}

/** An ES256 key pair made from secret text by extra random bits (FIPS 186-5, A.2.1). */
async function keyFrom(secret: string): Promise<SigningKey> {
  const bits = Buffer.from(hkdfSync('sha256', secret, '', 'mixmint session signing key', 48))
  const d = (BigInt(`0x${bits.toString('hex')}`) % (ORDER - 1n)) + 1n
  const scalar = Buffer.from(d.toString(16).padStart(64, '0'), 'hex')
  const curve = createECDH('prime256v1')
  curve.setPrivateKey(scalar)
  const point = curve.getPublicKey()
  const x = point.subarray(1, 33).toString('base64url')
  const y = point.subarray(33, 65).toString('base64url')
  const pair = { kty: 'EC', crv: 'P-256', x, y }
  const kid = await calculateJwkThumbprint(pair, 'sha256')
  const privateKey = await importJWK({ ...pair, d: scalar.toString('base64url') }, 'ES256')
  if (privateKey instanceof Uint8Array) throw new TypeError('An EC key was read as bytes')
  return { kid, privateKey, publicJwk: { ...pair, kid, alg: 'ES256', use: 'sig', key_ops: ['verify'] } }
}

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { calculateJwkThumbprint, decodeProtectedHeader, type ProtectedHeaderParameters } from 'jose'
import { AppError } from '../../contract/errors.ts'
import { isFreshNonce } from './dpop-nonce.ts'
import { Recent } from './recent.ts'

/** The public half of a P-256 key and nothing else. */
export interface PublicJwk {
  readonly kty: 'EC'
  readonly crv: 'P-256'
  readonly x: string
  readonly y: string
}

/** What a proof must be about, as the server itself knows it. */
export interface ExpectedProof {
  readonly method: string
  /** Public origin and path, without query. */
  readonly uri: string
  readonly accessToken: string
  /** The download token that `dlt` must name; null: the call has none. */
  readonly downloadToken: string | null
  readonly nonceKeys: readonly string[]
  /** ms */
  readonly now: number
}

export interface DpopProof {
  readonly thumbprint: string
  readonly publicJwk: PublicJwk
  /** SHA-256 (hex) of `jti`; the caller must refuse one it has seen. */
  readonly jtiHash: string
}

const LONGEST_PROOF = 4096
const LONGEST_JTI = 128

/**
 * Checks a device proof (RFC 9449 §4.3) except for its replay. Its age follows from the nonce alone, so a client whose
 * clock is wrong by years works. Throws `use-dpop-nonce`, and `invalid-dpop-proof` for everything else.
 */
export async function verifyDpopProof(
  headers: readonly string[],
  expected: ExpectedProof,
  keys: KnownKeys = new Recent(1),
): Promise<DpopProof> {
  const [proof] = headers
  if (proof === undefined || headers.length !== 1) throw invalid('Exactly one DPoP header is needed.')
  if (proof.length > LONGEST_PROOF) throw invalid('The proof is too long.')
  const header = readHeader(proof)
  const publicJwk = readKey(header)
  const known = await knownKey(publicJwk, keys)
  const claims = verifySignature(proof, header, known.key, expected.now)
  const jti = textClaim(claims, 'jti')
  if (jti.length > LONGEST_JTI) throw invalid('"jti" is too long.')
  if (typeof claims['iat'] !== 'number') throw invalid('"iat" is missing.')
  if (textClaim(claims, 'htm') !== expected.method) throw invalid('"htm" is not the method of the request.')
  if (withoutQuery(textClaim(claims, 'htu')) !== withoutQuery(expected.uri))
    throw invalid('"htu" is not the address of the request.')
  if (textClaim(claims, 'ath') !== digest(expected.accessToken)) throw invalid('"ath" is not that of the session.')
  if (expected.downloadToken !== null && claims['dlt'] !== digest(expected.downloadToken))
    throw invalid('"dlt" is not that of the download token.')
  const nonce = claims['nonce']
  if (typeof nonce !== 'string' || !isFreshNonce(expected.nonceKeys, nonce, expected.now))
    throw new AppError('use-dpop-nonce')
  return {
    thumbprint: known.thumbprint,
    publicJwk,
    jtiHash: createHash('sha256').update(jti).digest('hex'),
  }
}

function readHeader(proof: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(proof)
  } catch {
    throw invalid('The proof is not a signed JWT.')
  }
}

/** The header's key when it is a public P-256 key in its one canonical spelling: another spelling would be another thumbprint of the same key. */
function readKey({ jwk }: ProtectedHeaderParameters): PublicJwk {
  if (jwk === undefined || jwk === null || typeof jwk !== 'object') throw invalid('The proof names no key.')
  if (jwk.kty !== 'EC' || jwk.crv !== 'P-256') throw invalid('The key must be on the curve P-256.')
  if ('d' in jwk || 'k' in jwk) throw invalid('The key must not contain its private half.')
  const { x, y } = jwk
  if (!isCoordinate(x) || !isCoordinate(y)) throw invalid('The key is not well formed.')
  return { kty: 'EC', crv: 'P-256', x, y }
}

function isCoordinate(text: unknown): text is string {
  if (typeof text !== 'string') return false
  const bytes = Buffer.from(text, 'base64url')
  return bytes.length === 32 && bytes.toString('base64url') === text
}

/** A public key that is ready to verify with, and its name. */
interface KnownKey {
  readonly key: KeyObject
  readonly thumbprint: string
}
/** Keys that signed lately, by their coordinates: a device signs every call with the same one. */
export type KnownKeys = Recent<KnownKey>

async function knownKey(publicJwk: PublicJwk, keys: KnownKeys): Promise<KnownKey> {
  const name = `${publicJwk.x}.${publicJwk.y}`
  const recent = keys.get(name)
  if (recent !== undefined) return recent
  const known = { key: importKey(publicJwk), thumbprint: await calculateJwkThumbprint({ ...publicJwk }, 'sha256') }
  keys.set(name, known)
  return known
}

/** Throws for a point that is not on the curve. */
function importKey(publicJwk: PublicJwk): KeyObject {
  try {
    return createPublicKey({ key: { ...publicJwk }, format: 'jwk' })
  } catch {
    throw invalid('The key is not well formed.')
  }
}

type Claims = Readonly<Record<string, unknown>>

/**
 * The claims of a JWT that `key` signed as ES256 (RFC 7515 §5.2, RFC 7519 §7.2). Verified here and now: a signature takes less than handing it
 * to another thread.
 */
function verifySignature(proof: string, header: ProtectedHeaderParameters, key: KeyObject, now: number): Claims {
  const { alg, typ, crit, b64 } = header
  const isOurs = alg === 'ES256' && isProofType(typ) && crit === undefined && b64 === undefined
  const [head = '', payload = '', signature = '', ...rest] = proof.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const signed = Buffer.from(`${head}.${payload}`)
  const isSigned =
    isOurs &&
    rest.length === 0 &&
    bytes.length === 64 &&
    verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, bytes)
  if (!isSigned) throw invalid('The proof is not signed by its key as ES256 "dpop+jwt".')
  const claims = readClaims(payload)
  const { exp, nbf } = claims
  if (exp !== undefined && !(typeof exp === 'number' && now < exp * 1000)) throw invalid('The proof has expired.')
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf * 1000 <= now)) throw invalid('The proof is not valid yet.')
  return claims
}

/** RFC 7515 §4.1.9: "application/" may be left out, and case does not count. */
function isProofType(typ: unknown): boolean {
  return typeof typ === 'string' && typ.toLowerCase().replace(/^application\//, '') === 'dpop+jwt'
}

function readClaims(payload: string): Claims {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims)) return claims as Claims
  } catch {}
  throw invalid('The claims of the proof are not a JSON object.')
}

function textClaim(claims: Claims, name: string): string {
  const value = claims[name]
  if (typeof value === 'string' && value !== '') return value
  throw invalid(`"${name}" is missing.`)
}

/** RFC 9449 §4.3 compares without query and fragment. Names of a user in the address are refused. */
function withoutQuery(address: string): string {
  const url = URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '') throw invalid('"htu" is not an address.')
  return url.origin + url.pathname
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}

function invalid(reason: string): AppError {
  return new AppError('invalid-dpop-proof', reason)
}

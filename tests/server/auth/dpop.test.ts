import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ErrorCode } from '../../../contract/errors.ts'
import { type ExpectedProof, verifyDpopProof } from '../../../server/auth/dpop.ts'
import { NONCE_STEP_MS, nonceAt } from '../../../server/auth/dpop-nonce.ts'
import { type DeviceKey, makeDeviceKey, type ProofChange } from '../../_kit/device-key.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const NONCE_KEY = 'the key of every server process'
const YEARS = 10 * 365 * 86_400_000
const URI = 'https://store.example/api/download/file'
const TOKEN = 'the download token'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

const expected: ExpectedProof = {
  method: 'GET',
  uri: URI,
  accessToken: 'the session',
  downloadToken: TOKEN,
  nonceKeys: [NONCE_KEY],
  now: NOW,
}

let key: DeviceKey
let other: DeviceKey
beforeAll(async () => {
  key = await makeDeviceKey()
  other = await makeDeviceKey()
})

const about = () => ({
  ...{ method: 'GET', uri: URI, accessToken: 'the session', downloadToken: TOKEN },
  ...{ nonce: nonceAt(NONCE_KEY, NOW), now: NOW },
})
const prove = (change?: ProofChange): Promise<string> => key.prove(about(), change)
const accept = async (proof: string, change: Partial<ExpectedProof> = {}) =>
  verifyDpopProof([proof], { ...expected, ...change })

/** A JWT with any header, also one that no library would write. */
function rawJwt(header: object, payload: object, signature = 'AAAA'): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part(header)}.${part(payload)}.${signature}`
}
const payload = (change: object = {}) => ({
  ...{ jti: randomUUID(), htm: 'GET', htu: URI, iat: NOW / 1000, ath: sha256('the session') },
  ...{ nonce: nonceAt(NONCE_KEY, NOW), dlt: sha256(TOKEN), ...change },
})

describe('device proofs', () => {
  it('R-DC-14: a good proof names the key that signed it', async () => {
    const proof = await accept(await prove())
    expect(proof.thumbprint).toBe(key.thumbprint)
    expect(proof.publicJwk).toEqual(key.publicJwk)
  })

  it('a clock of the client that is ten years wrong, either way, changes nothing', async () => {
    for (const iat of [NOW - YEARS, NOW + YEARS])
      expect((await accept(await prove({ claims: { iat: iat / 1000 } }))).thumbprint).toBe(key.thumbprint)
  })

  it('nonces of the step before and after count, those two steps away do not', async () => {
    for (const step of [-1, 0, 1])
      await accept(await prove({ claims: { nonce: nonceAt(NONCE_KEY, NOW + step * NONCE_STEP_MS) } }))
    for (const step of [-2, 2])
      await expect(
        accept(await prove({ claims: { nonce: nonceAt(NONCE_KEY, NOW + step * NONCE_STEP_MS) } })),
      ).rejects.toMatchObject({ code: 'use-dpop-nonce' })
  })

  it('a nonce under the previous key counts while keys are rotated', async () => {
    const proof = await prove()
    await accept(proof, { nonceKeys: ['the next key', NONCE_KEY] })
    await expect(accept(proof, { nonceKeys: ['the next key'] })).rejects.toMatchObject({ code: 'use-dpop-nonce' })
  })

  it('query and fragment of the address are not compared (RFC 9449 §4.3)', async () => {
    await accept(await prove({ claims: { htu: `${URI}?token=secret#part` } }))
  })

  it('proofs with the same jti are the same proof, whoever signs', async () => {
    const claims = { jti: 'one and the same' }
    const first = await accept(await prove({ claims }))
    expect((await accept(await prove({ claims }))).jtiHash).toBe(first.jtiHash)
    expect((await accept(await prove())).jtiHash).not.toBe(first.jtiHash)
  })

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const secp = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey.export({ format: 'jwk' })
  const ed = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const symmetric = new Uint8Array(32).fill(7)
  /** Another spelling of the same bytes: the last character of 32 bytes has two bits that mean nothing. */
  const respell = (text = ''): string => {
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    return text.slice(0, -1) + alphabet[alphabet.indexOf(text.slice(-1)) | 3]
  }
  const claim = (change: object) => () => prove({ claims: change as Record<string, unknown> })
  const header = (change: object) => () => prove({ header: change as Record<string, unknown> })

  const refused: readonly (readonly [string, () => Promise<string>, ErrorCode?])[] = [
    ['another method', claim({ htm: 'POST' })],
    ['a method in small letters', claim({ htm: 'get' })],
    ['no method', claim({ htm: undefined })],
    ['another path', claim({ htu: 'https://store.example/api/download/init' })],
    ['another host', claim({ htu: 'https://thief.example/api/download/file' })],
    ['another scheme', claim({ htu: 'http://store.example/api/download/file' })],
    ['another port', claim({ htu: 'https://store.example:8443/api/download/file' })],
    ['a path that only begins the same', claim({ htu: `${URI}/more` })],
    ['a host that only looks the same', claim({ htu: 'https://store.example@thief.example/api/download/file' })],
    ['a user name in the address', claim({ htu: 'https://somebody@store.example/api/download/file' })],
    ['an address that is none', claim({ htu: '/api/download/file' })],
    ['no address', claim({ htu: undefined })],
    ['the hash of another session', claim({ ath: sha256('another session') })],
    ['the session itself in place of its hash', claim({ ath: 'the session' })],
    ['no hash of the session', claim({ ath: undefined })],
    ['the hash of another download token', claim({ dlt: sha256('another token') })],
    ['the download token itself in place of its hash', claim({ dlt: TOKEN })],
    ['no hash of the download token', claim({ dlt: undefined })],
    ['an empty jti', claim({ jti: '' })],
    ['a jti that is a number', claim({ jti: 5 })],
    ['no jti', claim({ jti: undefined })],
    ['a jti of 129 characters', claim({ jti: 'j'.repeat(129) })],
    ['no iat', claim({ iat: undefined })],
    ['an iat that is text', claim({ iat: '2026' })],
    ['no nonce', claim({ nonce: undefined }), 'use-dpop-nonce'],
    ['an invented nonce', claim({ nonce: 'x'.repeat(43) }), 'use-dpop-nonce'],
    ['a nonce under another key', claim({ nonce: nonceAt('another key', NOW) }), 'use-dpop-nonce'],
    ['a nonce that is no text', claim({ nonce: 42 }), 'use-dpop-nonce'],
    ['the type of a session', header({ typ: 'JWT' })],
    ['no type', header({ typ: undefined })],
    [
      'an unknown critical extension',
      () =>
        Promise.resolve(rawJwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.publicJwk, crit: ['x'], x: 1 }, payload())),
    ],
    ['no key', header({ jwk: undefined })],
    ['a key that is text', header({ jwk: 'key' })],
    ['the key of another device in the header', async () => header({ jwk: other.publicJwk })()],
    ['a signature by another key', async () => prove({ signer: other.privateKey })],
    ['the private half in the header', async () => header({ jwk: key.privateJwk })()],
    ['a symmetric member in the key', async () => header({ jwk: { ...key.publicJwk, k: 'AAAA' } })()],
    ['a point that is not on the curve', async () => header({ jwk: { ...key.publicJwk, y: key.publicJwk.x } })()],
    ['a second spelling of x', async () => header({ jwk: { ...key.publicJwk, x: respell(key.publicJwk.x) } })()],
    ['a second spelling of y', async () => header({ jwk: { ...key.publicJwk, y: respell(key.publicJwk.y) } })()],
    ['a coordinate with padding', async () => header({ jwk: { ...key.publicJwk, x: `${key.publicJwk.x}=` } })()],
    ['a coordinate that is missing', async () => header({ jwk: { ...key.publicJwk, y: undefined } })()],
    ['a key on another curve', async () => header({ jwk: p384 })()],
    ['a key on a curve of the same size', async () => header({ jwk: secp })()],
    [
      'its own point under the name of another curve',
      async () => header({ jwk: { ...key.publicJwk, crv: 'P-384' } })(),
    ],
    ['an RSA key', async () => header({ jwk: rsa })()],
    ['an Ed25519 key', async () => header({ jwk: ed })()],
    [
      'no signature (alg none)',
      async () => rawJwt({ alg: 'none', typ: 'dpop+jwt', jwk: key.publicJwk }, payload(), ''),
    ],
    ['an empty signature', async () => rawJwt({ alg: 'ES256', typ: 'dpop+jwt', jwk: key.publicJwk }, payload(), '')],
    [
      'HS256 with a key of the client',
      () =>
        new SignJWT(payload())
          .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk: key.publicJwk })
          .sign(symmetric),
    ],
    [
      'ES384 with a proper key',
      async () => {
        const pair = await generateKeyPair('ES384')
        const jwk = await exportJWK(pair.publicKey)
        return new SignJWT(payload()).setProtectedHeader({ alg: 'ES384', typ: 'dpop+jwt', jwk }).sign(pair.privateKey)
      },
    ],
    ['a changed byte of the payload', async () => flip(await prove(), 1)],
    ['a changed byte of the signature', async () => flip(await prove(), 2)],
    ['a proof of more than 4096 characters', () => prove({ claims: { more: 'x'.repeat(4096) } })],
    ['text that is no JWT', async () => 'proof'],
    ['an empty header', async () => ''],
    [
      'a payload that is no object',
      async () => `${(await prove()).split('.')[0]}.${Buffer.from('[]').toString('base64url')}.AAAA`,
    ],
  ]

  const cases = refused.map(([what, make, code = 'invalid-dpop-proof']) => ({ what, make, code }))
  it.each(cases)('R-DC-14: refuses $what', async ({ make, code }) => {
    await expect(accept(await make())).rejects.toMatchObject({ code })
  })

  it('refuses two headers and none', async () => {
    const proof = await prove()
    await expect(verifyDpopProof([proof, proof], expected)).rejects.toMatchObject({ code: 'invalid-dpop-proof' })
    await expect(verifyDpopProof([], expected)).rejects.toMatchObject({ code: 'invalid-dpop-proof' })
  })

  it('a proof that is wrong in itself is not answered with a nonce', async () => {
    await expect(accept(await prove({ claims: { nonce: undefined, htm: 'POST' } }))).rejects.toMatchObject({
      code: 'invalid-dpop-proof',
    })
  })
})

function flip(jwt: string, part: number): string {
  const parts = jwt.split('.')
  const bytes = Buffer.from(parts[part] ?? '', 'base64url')
  bytes[10] = (bytes[10] ?? 0) ^ 1
  parts[part] = bytes.toString('base64url')
  return parts.join('.')
}

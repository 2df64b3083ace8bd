import { jwtVerify, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { signingKeys } from './signing-keys.ts'

const secretsOf = (...values: [string, ...string[]]) => ({ get: async () => values })

describe('keys of local sign-in', () => {
  it('follow from the stored secret alone, and differ between secrets', async () => {
    const [first] = await signingKeys(secretsOf('one'))
    const [again] = await signingKeys(secretsOf('one'))
    const [other] = await signingKeys(secretsOf('two'))
    expect(again.publicJwk).toEqual(first.publicJwk)
    expect(other.kid).not.toBe(first.kid)
  })

  it('the private half signs what the public half verifies, and is not in it', async () => {
    for (const secret of ['one', 'two', 'three']) {
      const [{ privateKey, publicJwk }] = await signingKeys(secretsOf(secret))
      const token = await new SignJWT({ a: 1 }).setProtectedHeader({ alg: 'ES256' }).sign(privateKey)
      expect((await jwtVerify(token, publicJwk)).payload).toEqual({ a: 1 })
      expect(Object.keys(publicJwk).sort()).toEqual(['alg', 'crv', 'key_ops', 'kid', 'kty', 'use', 'x', 'y'])
    }
  })

  it('the previous key stays known during a rotation, after the present one', async () => {
    const [old] = await signingKeys(secretsOf('old'))
    const keys = await signingKeys(secretsOf('new', 'old'))
    expect(keys).toHaveLength(2)
    expect(keys[1]?.kid).toBe(old.kid)
  })
})

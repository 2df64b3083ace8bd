import { createPrivateKey } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import type { SecretStore } from '../ports.ts'
import type { DeviceKey } from '../server/device-proof.ts'

/** The ES256 key of this installation for each account; private parts rest in the secret store alone. */
export interface DeviceKeys {
  /** Makes one on first use. Throws `no-secret-store`. */
  keyFor(accountId: string): Promise<DeviceKey>
  delete(accountId: string): Promise<void>
}

export function createDeviceKeys(secrets: SecretStore): DeviceKeys {
  const keys = new Map<string, Promise<DeviceKey>>()

  async function loadOrMake(accountId: string): Promise<DeviceKey> {
    const stored = await secrets.get(secretName(accountId))
    if (stored !== null) return await toDeviceKey(JSON.parse(stored) as JWK)
    const pair = await generateKeyPair('ES256', { extractable: true })
    const privateJwk = await exportJWK(pair.privateKey)
    await secrets.set(secretName(accountId), JSON.stringify(privateJwk))
    return await toDeviceKey(privateJwk)
  }

  return {
    async keyFor(accountId) {
      let key = keys.get(accountId)
      if (key === undefined) {
        key = loadOrMake(accountId)
        keys.set(accountId, key)
        key.catch(() => keys.delete(accountId))
      }
      return await key
    },
    async delete(accountId) {
      keys.delete(accountId)
      await secrets.delete(secretName(accountId))
    },
  }
}

function secretName(accountId: string): string {
  return `device-key:${accountId}`
}

async function toDeviceKey(privateJwk: JWK): Promise<DeviceKey> {
  const { kty, crv, x, y } = privateJwk
  if (kty === undefined || crv === undefined || x === undefined || y === undefined)
    throw new Error('the stored device key is not whole')
  const publicJwk: JWK = { kty, crv, x, y }
  const privateKey = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' })
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error('the stored device key is not a P-256 key')
  return { privateKey, publicJwk, thumbprint: await calculateJwkThumbprint(publicJwk) }
}

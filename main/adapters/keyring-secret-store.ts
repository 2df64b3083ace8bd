import { AppError } from '../../contract/errors.ts'
import type { SecretStore } from '../core/ports.ts'

/**
 * The system's keychain through @napi-rs/keyring. On Linux it is pinned to the Secret Service: its other store, the kernel keyring, forgets at
 * restart. Throws `no-secret-store` when the package does not load or no service answers.
 */
export async function openKeyringStore(service: string): Promise<SecretStore> {
  const { AsyncEntry } = await import('@napi-rs/keyring').catch((error: unknown) => {
    throw new AppError('no-secret-store', 'The keyring module does not load', undefined, { cause: error })
  })
  async function withEntry<T>(name: string, work: (entry: InstanceType<typeof AsyncEntry>) => Promise<T>): Promise<T> {
    try {
      return await work(new AsyncEntry(service, name, { linux: { store: 'secret-service' } }))
    } catch (error) {
      throw new AppError('no-secret-store', undefined, undefined, { cause: error })
    }
  }
  return {
    kind: 'keychain',
    notice: null,
    get: (name) => withEntry(name, (entry) => entry.getPassword()),
    set: (name, value) => withEntry(name, (entry) => entry.setPassword(value)),
    delete: async (name) => void (await withEntry(name, (entry) => entry.deletePassword())),
  }
}

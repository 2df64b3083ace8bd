import { AppError } from '../../contract/errors.ts'
import type { SecretStore } from '../core/ports.ts'

/** The part of keytar that is used; `findCredentials` crashes the process with some keychain contents and is never called. */
interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

/** The system's keychain through keytar, an optional package: loaded only here. Throws `no-secret-store` when it is absent or does not load. */
export async function openKeytarStore(service: string): Promise<SecretStore> {
  const keytar = await loadKeytar()
  const guarded = async <T>(work: Promise<T>): Promise<T> =>
    await work.catch((error: unknown) => {
      throw new AppError('no-secret-store', undefined, undefined, { cause: error })
    })
  return {
    kind: 'keychain',
    notice: null,
    get: (name) => guarded(keytar.getPassword(service, name)),
    set: (name, value) => guarded(keytar.setPassword(service, name, value)),
    delete: async (name) => void (await guarded(keytar.deletePassword(service, name))),
  }
}

async function loadKeytar(): Promise<Keytar> {
  // A variable keeps the compiler from asking for a package that may not be installed.
  const name = 'keytar'
  try {
    const loaded: { default: Keytar } = await import(name)
    return loaded.default
  } catch (error) {
    throw new AppError('no-secret-store', 'keytar is not available', undefined, { cause: error })
  }
}

import type { SecretStore } from '../core/ports.ts'

/** Keeps secrets until the process ends. */
export function createMemorySecretStore(): SecretStore {
  const secrets = new Map<string, string>()
  return {
    kind: 'memory',
    notice:
      'This computer offers no place to keep secrets, so you will be asked to sign in again the next time MixMint starts.',
    get: async (name) => secrets.get(name) ?? null,
    set: async (name, value) => void secrets.set(name, value),
    delete: async (name) => void secrets.delete(name),
  }
}

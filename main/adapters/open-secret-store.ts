import { createHash, randomUUID } from 'node:crypto'
import { AppError } from '../../contract/errors.ts'
import type { Log, SecretStore, SettingsStore } from '../core/ports.ts'
import { openFileVault } from './file-vault.ts'
import { openKeyringStore } from './keyring-secret-store.ts'
import { openKeytarStore } from './keytar-secret-store.ts'
import { createMemorySecretStore } from './memory-secret-store.ts'

/** `auto`: the keychain; without one the vault in local mode, else memory. */
export type SecretStoreChoice = 'auto' | 'keychain' | 'file-vault' | 'memory'

type Backend = 'keytar' | 'keyring' | 'file-vault'

interface OpenOptions {
  readonly choice: SecretStoreChoice
  readonly mode: 'local' | 'production'
  readonly dataFolder: string
  readonly passphrase: string | null
  readonly settings: SettingsStore
  readonly log: Log
  /** How long a keychain may take to answer, in ms: it may be waiting for the user. */
  readonly timeoutMs?: number
  /** How each backend is opened. */
  readonly open?: Readonly<Record<Backend, () => Promise<SecretStore>>>
}

const REMEMBERED = 'secretStore'

/**
 * Opens the first store that proves itself by writing, reading and deleting a canary. The one that held the secrets last time is the only one
 * asked: another would look as if the user were signed out. Never throws; memory is what remains.
 */
export async function openSecretStore(options: OpenOptions): Promise<SecretStore> {
  const { choice, settings, log, timeoutMs = 20_000 } = options
  if (choice === 'memory') return createMemorySecretStore()
  const openers = options.open ?? defaultOpeners(options)
  const remembered = readRemembered(settings)
  const order = candidates(options)
  const isStillWanted = remembered !== null && order.includes(remembered)
  for (const backend of isStillWanted ? [remembered] : order) {
    try {
      const store = await withTimeout(openAndProbe(openers[backend]), timeoutMs)
      settings.writeValue(REMEMBERED, backend)
      return store
    } catch (error) {
      log.info({ error, backend }, 'a place for secrets can not be used')
    }
  }
  const memory = createMemorySecretStore()
  if (!isStillWanted) return memory
  return {
    ...memory,
    notice:
      'The keychain that holds your sign-in does not open at the moment. Unlock it and start MixMint again; until then a sign-in lasts until MixMint ends.',
  }
}

function candidates({ choice, mode, passphrase }: OpenOptions): readonly Backend[] {
  if (choice === 'file-vault' || (choice === 'auto' && passphrase !== null)) return ['file-vault']
  const keychains: Backend[] = ['keytar', 'keyring']
  return choice === 'auto' && mode === 'local' ? [...keychains, 'file-vault'] : keychains
}

function defaultOpeners({ dataFolder, passphrase, mode }: OpenOptions): Record<Backend, () => Promise<SecretStore>> {
  // Two data folders of one user are two installations; and what one module wrote, the other can not read.
  const installation = createHash('sha256').update(dataFolder).digest('hex').slice(0, 12)
  return {
    keytar: () => openKeytarStore(`MixMint ${installation}`),
    keyring: () => openKeyringStore(`MixMint keyring ${installation}`),
    'file-vault': async () => {
      if (passphrase === null && mode !== 'local')
        throw new AppError('no-secret-store', 'The vault needs MIXMINT_VAULT_PASSPHRASE')
      return await openFileVault({ folder: dataFolder, passphrase })
    },
  }
}

function readRemembered(settings: SettingsStore): Backend | null {
  const value = settings.readValue(REMEMBERED)
  return value === 'keytar' || value === 'keyring' || value === 'file-vault' ? value : null
}

/** Reading alone proves nothing: a locked keychain answers "no such entry". */
async function openAndProbe(open: () => Promise<SecretStore>): Promise<SecretStore> {
  const store = await open()
  const name = `canary-${randomUUID()}`
  const value = randomUUID()
  await store.set(name, value)
  const read = await store.get(name)
  await store.delete(name)
  if (read !== value || (await store.get(name)) !== null)
    throw new AppError('no-secret-store', 'The store does not give back what it was given')
  return store
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new AppError('no-secret-store', 'The store did not answer in time')), ms)
  try {
    return await Promise.race([work, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

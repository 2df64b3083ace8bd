import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { SecretStore } from '../core/ports.ts'
import { writeFileDurably } from './write-file-durably.ts'

/** About 128 MiB and a third of a second: what guessing one passphrase costs. */
const SCRYPT = { N: 2 ** 17, r: 8, p: 1, maxmem: 256 * 1024 * 1024 }
const KEY_BYTES = 32
const IV_BYTES = 12

const Sealed = z.object({
  version: z.literal(1),
  key: z.enum(['passphrase', 'key-file']),
  salt: z.base64(),
  iv: z.base64(),
  tag: z.base64(),
  data: z.base64(),
})
type Sealed = z.infer<typeof Sealed>
const Secrets = z.record(z.string(), z.string())

const NOTICES = {
  passphrase: 'Secrets are kept in an encrypted file that opens with your passphrase.',
  'key-file':
    'Secrets are kept in an encrypted file with its key beside it. This protects against a copy of the file alone, not against other programs of this account.',
}

export interface VaultOptions {
  /** `vault.json` and, without a passphrase, `vault.key` lie here. */
  readonly folder: string
  /** Null: a random key in a file that only this account can read. */
  readonly passphrase: string | null
}

/**
 * Secrets in one file, encrypted with AES-256-GCM; the key comes from a passphrase (scrypt) or a random 0600 key file.
 * Throws `no-secret-store` for a wrong passphrase or a damaged file, which stays untouched.
 */
export async function openFileVault({ folder, passphrase }: VaultOptions): Promise<SecretStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, 'vault.json')
  const kind = passphrase === null ? 'key-file' : 'passphrase'
  const stored = await readSealed(file)
  if (stored !== null && stored.key !== kind)
    throw new AppError(
      'no-secret-store',
      `The vault opens with a ${stored.key === 'passphrase' ? 'passphrase (MIXMINT_VAULT_PASSPHRASE)' : 'key file'}`,
    )
  const salt = stored === null ? randomBytes(16) : Buffer.from(stored.salt, 'base64')
  const key = passphrase === null ? await keyFromFile(folder) : await keyFromPassphrase(passphrase, salt)
  const secrets = new Map(Object.entries(stored === null ? {} : unseal(stored, key)))
  let writes: Promise<void> = Promise.resolve()

  /** One write after the other, each with what is current when its turn comes. */
  async function save(): Promise<void> {
    const next = writes.then(() =>
      writeFileDurably(file, JSON.stringify(seal(Object.fromEntries(secrets), key, kind, salt))),
    )
    writes = next.catch(() => {})
    await next.catch((error: unknown) => {
      throw new AppError('no-secret-store', 'The vault can not be written', undefined, { cause: error })
    })
  }

  return {
    kind: 'file-vault',
    notice: NOTICES[kind],
    get: async (name) => secrets.get(name) ?? null,
    async set(name, value) {
      secrets.set(name, value)
      await save()
    },
    async delete(name) {
      if (secrets.delete(name)) await save()
    },
  }
}

async function readSealed(file: string): Promise<Sealed | null> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new AppError('no-secret-store', 'The vault can not be read', undefined, { cause: error })
  })
  if (text === null) return null
  try {
    return Sealed.parse(JSON.parse(text))
  } catch {
    throw new AppError('no-secret-store', 'The vault is damaged')
  }
}

function seal(secrets: Record<string, string>, key: Buffer, kind: Sealed['key'], salt: Buffer): Sealed {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const data = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()])
  const base64 = (bytes: Buffer) => bytes.toString('base64')
  return {
    version: 1,
    key: kind,
    salt: base64(salt),
    iv: base64(iv),
    tag: base64(cipher.getAuthTag()),
    data: base64(data),
  }
}

function unseal({ iv, tag, data }: Sealed, key: Buffer): Record<string, string> {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: 16 })
    decipher.setAuthTag(Buffer.from(tag, 'base64'))
    const text = Buffer.concat([decipher.update(Buffer.from(data, 'base64')), decipher.final()]).toString('utf8')
    return Secrets.parse(JSON.parse(text))
  } catch {
    throw new AppError('no-secret-store', 'The vault does not open with this key')
  }
}

async function keyFromPassphrase(passphrase: string, salt: Buffer): Promise<Buffer> {
  return await new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, KEY_BYTES, SCRYPT, (error, key) =>
      error === null ? resolve(key) : reject(error),
    )
  })
}

async function keyFromFile(folder: string): Promise<Buffer> {
  const file = path.join(folder, 'vault.key')
  const stored = await readFile(file, 'utf8').catch(() => null)
  if (stored === null) {
    const key = randomBytes(KEY_BYTES)
    await writeFileDurably(file, key.toString('base64'))
    return key
  }
  const key = Buffer.from(stored, 'base64')
  if (key.length !== KEY_BYTES) throw new AppError('no-secret-store', 'The key of the vault is damaged')
  return key
}

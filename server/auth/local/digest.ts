import { createHash } from 'node:crypto'

/** SHA-256 in hex: how secrets that a client holds are kept in the database. */
export function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

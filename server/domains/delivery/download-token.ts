import { createHash } from 'node:crypto'
import type { Random } from '../../ports.ts'

const TOKEN_BYTES = 32

/** A new token: 256 random bits in base64url, 43 characters. It is told once and kept nowhere. */
export function newToken(random: Random): string {
  return random.bytes(TOKEN_BYTES).toString('base64url')
}

/** SHA-256 (hex) of a token's characters, which is all that is stored of it. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

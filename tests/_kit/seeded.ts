import { createCipheriv, createHash } from 'node:crypto'
import type { Random } from '../../main/core/ports.ts'

/** Random that the same seed gives again: a failing run is repeated by its name alone. */
export function seededRandom(seed: string): Random {
  const key = createHash('sha256').update(seed).digest()
  const stream = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  const bytes = (length: number) => stream.update(Buffer.alloc(length))
  return {
    bytes,
    uuid() {
      const raw = bytes(16)
      raw[6] = ((raw[6] ?? 0) & 0x0f) | 0x40
      raw[8] = ((raw[8] ?? 0) & 0x3f) | 0x80
      const hex = raw.toString('hex')
      return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
    },
  }
}

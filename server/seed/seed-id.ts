import { createHash } from 'node:crypto'

const NAMESPACE = Buffer.from('6f1c1f7e5a0b4d0c9b2e3a7d54c8e910', 'hex')

/** The id of a thing in the demo catalogue, the same on every computer: a name-based UUID (RFC 9562 §5.5). */
export function seedId(kind: 'dj' | 'track' | 'pack' | 'fan' | 'plan' | 'account', slug: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(`${kind}:${slug}`).digest().subarray(0, 16)
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6)
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8)
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

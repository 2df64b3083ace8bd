import { ascii, type ByteReader } from './byte-reader.ts'

const HEADER = 10

/** Bytes of all ID3v2 tags that stand one after another at the start of the file (ID3v2.4 §3.1); 0 if there is none. */
export async function id3v2Length(reader: ByteReader): Promise<number> {
  let end = 0
  for (;;) {
    const head = await reader.read(end, HEADER)
    if (head.length < HEADER || ascii(head, 0, 3) !== 'ID3') return end
    const hasFooter = ((head[5] ?? 0) & 0x10) !== 0
    end += HEADER + synchsafe(head) + (hasFooter ? HEADER : 0)
  }
}

/** Four bytes of seven bits each, the way ID3v2 writes lengths. */
function synchsafe(head: Uint8Array): number {
  let value = 0
  for (let index = 6; index < HEADER; index++) value = value * 128 + ((head[index] ?? 0) & 0x7f)
  return value
}

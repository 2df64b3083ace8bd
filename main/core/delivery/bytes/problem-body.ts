import type { HeaderValues } from '../answer-rules.ts'

/** The most of an answer that only tells what is wrong, in bytes. */
const LARGEST_PROBLEM = 64 * 1024

/** Gathers the body of an answer that is no part of the file. It is never believed further than a problem document is. */
export function createProblemBody(headers: HeaderValues) {
  const isChunked = headers.get('transfer-encoding')?.join(',').toLowerCase().includes('chunked') ?? false
  const announced = Number(headers.get('content-length')?.[0] ?? Number.NaN)
  const length = isChunked || !Number.isInteger(announced) ? Number.POSITIVE_INFINITY : announced
  const parts: Buffer[] = []
  let bytes = 0
  const all = () => Buffer.concat(parts)
  return {
    /** Bytes of the body; infinite where only its end will tell. */
    length,
    /** True when the body is all here, or more than anyone reads. */
    take(piece: Uint8Array): boolean {
      parts.push(Buffer.from(piece))
      bytes += piece.byteLength
      return bytes >= Math.min(length, LARGEST_PROBLEM) || (isChunked && all().includes('\r\n0\r\n'))
    },
    body: (): Buffer => (isChunked ? unchunked(all()) : all().subarray(0, Math.min(length, LARGEST_PROBLEM))),
  }
}

/** The data of a chunked body (RFC 9112 §7.1), as far as it can be read. */
function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.subarray(at, end < 0 ? body.length : end).toString('latin1'), 16)
    if (end < 0 || !Number.isInteger(size) || size <= 0) break
    parts.push(body.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
  return Buffer.concat(parts)
}

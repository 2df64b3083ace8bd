import type { ByteRange } from '../../contract/values.ts'

export type RangeRequest =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly range: ByteRange }
  | { readonly kind: 'unsatisfiable' }

const SPEC = /^bytes=[\t ]*(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))[\t ]*$/i

/**
 * The one part of a file of `sizeBytes` that a `Range` header asks for (RFC 9110 §14.2). A header that is no single byte
 * range is ignored, as §14.2 allows: the whole file is meant then.
 */
export function parseRange(header: string | undefined, sizeBytes: number): RangeRequest {
  if (header === undefined) return { kind: 'whole' }
  const [isRange, first, last, suffix] = SPEC.exec(header) ?? []
  if (isRange === undefined) return { kind: 'whole' }
  if (suffix !== undefined) {
    const length = Math.min(Number(suffix), sizeBytes)
    return length === 0 ? { kind: 'unsatisfiable' } : { kind: 'part', range: [sizeBytes - length, sizeBytes - 1] }
  }
  const start = Number(first)
  const end = last === undefined || last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1)
  if (last !== undefined && last !== '' && Number(last) < start) return { kind: 'whole' }
  return start >= sizeBytes ? { kind: 'unsatisfiable' } : { kind: 'part', range: [start, end] }
}

/** Whether `If-Match` lets a request for the file with this strong ETag pass (RFC 9110 §13.1.1); weak tags never match. */
export function passesIfMatch(header: string | undefined, etag: string): boolean {
  if (header === undefined || header.trim() === '*') return true
  return header.split(',').some((tag) => tag.trim() === etag)
}

/** Whether `If-Range` lets the `Range` of a request count (RFC 9110 §13.1.5): only for the very same strong ETag. */
export function passesIfRange(header: string | undefined, etag: string): boolean {
  return header === undefined || header.trim() === etag
}

export interface WholeRange {
  readonly start: number
  /** Inclusive. */
  readonly end: number
}

/**
 * What a `Range` header (RFC 9110 §14.2) asks of `size` bytes: `null` for all of it (no header, or one that may be ignored: another unit, bad
 * syntax, several ranges), `unsatisfiable` for a start beyond the end.
 */
export function readRange(header: string | undefined, size: number): WholeRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (match === null) return null
  const [, first = '', last = ''] = match
  if (first === '') {
    if (last === '') return null
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return null
  if (start >= size) return 'unsatisfiable'
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) }
}

/** What a `Range` header of one byte range asks of `size` bytes: the whole, a part (both ends inclusive), or nothing there is. */
export type AskedRange = 'whole' | 'unsatisfiable' | { readonly start: number; readonly end: number }

/** Reads `bytes=a-b`, `bytes=a-` and `bytes=-n` (RFC 9110 §14.1.2). Other units, several ranges and nonsense ask for the whole. */
export function readRange(header: string | undefined, size: number): AskedRange {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return 'whole'
  if (first === '') return last === '0' ? 'unsatisfiable' : { start: Math.max(0, size - Number(last)), end: size - 1 }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return 'whole'
  return start >= size ? 'unsatisfiable' : { start, end }
}

import { AppError, type ErrorCode } from '../../../contract/errors.ts'

/** What was asked for: bytes `start` to `end`, both inclusive, of an object of `size` bytes with a strong `etag`. */
export interface AskedBytes {
  readonly start: number
  readonly end: number
  readonly size: number
  readonly etag: string
}

/** All values of each header, by lower-case name, in the order in which they came. */
export type HeaderValues = ReadonlyMap<string, readonly string[]>

/** Groups Node's flat list of header names and values. */
export function toHeaderValues(rawHeaders: readonly string[]): HeaderValues {
  const values = new Map<string, string[]>()
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase()
    values.set(name, [...(values.get(name) ?? []), rawHeaders[index + 1] ?? ''])
  }
  return values
}

/**
 * `bytes`: the body is bytes `start` to `end` of the object and may be written. `whole`: the server ignores ranges; ask for everything from
 * the start. `problem`: the body tells what went wrong. In every other case it throws and the body must not be read.
 */
export type Judgement =
  | { readonly kind: 'bytes'; readonly start: number; readonly end: number }
  | { readonly kind: 'whole' }
  | { readonly kind: 'problem' }

/**
 * Decides by status and headers alone whether a body may become part of the file (RFC 9110 §14.4, §15.3.7).
 * Throws `captive-portal`, `content-changed`, `range-not-satisfiable` or `corrupt-source`.
 */
export function judgeAnswer(status: number, headers: HeaderValues, asked: AskedBytes): Judgement {
  if (status === 511 || (status >= 300 && status < 400)) throw new AppError('captive-portal', undefined, { status })
  if (status === 416) throw new AppError(namesOtherSize(headers, asked) ? 'content-changed' : 'range-not-satisfiable')
  if (status === 412) throw new AppError('content-changed')
  if (status >= 400) return { kind: 'problem' }
  if (status !== 200 && status !== 206) throw refused('unexpected-status')
  const type = (only(headers, 'content-type') ?? '').toLowerCase()
  if (type.startsWith('text/html')) throw new AppError('captive-portal', undefined, { status })
  if (type.startsWith('multipart/')) throw refused('multipart')
  if (headers.has('content-encoding') || headers.has('transfer-encoding')) throw refused('encoded')
  assertSameObject(headers, asked)
  const range = status === 206 ? contentRange(headers, asked) : { start: 0, end: asked.size - 1 }
  if (contentLength(headers) !== range.end - range.start + 1) throw refused('content-length')
  if (range.start === asked.start && range.end <= asked.end) return { kind: 'bytes', ...range }
  if (range.start === 0 && range.end === asked.size - 1) return { kind: 'whole' }
  throw refused('other-range')
}

/** A strong validator that is the object's own; a weak or missing one can not join parts (RFC 9110 §8.8.1, §15.3.7.3). */
function assertSameObject(headers: HeaderValues, asked: AskedBytes): void {
  const etag = only(headers, 'etag')
  if (etag === asked.etag) return
  if (etag === null || etag.startsWith('W/')) throw refused('weak-validator')
  throw new AppError('content-changed')
}

function contentRange(headers: HeaderValues, asked: AskedBytes): { start: number; end: number } {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/.exec(only(headers, 'content-range') ?? '')
  if (match === null) throw refused('content-range')
  const [start, end, total] = match.slice(1).map(Number) as [number, number, number]
  if (total !== asked.size) throw new AppError('content-changed')
  if (start > end || end >= total) throw refused('content-range')
  return { start, end }
}

function contentLength(headers: HeaderValues): number {
  const value = only(headers, 'content-length')
  if (value === null || !/^\d{1,15}$/.test(value)) throw refused('content-length')
  return Number(value)
}

function namesOtherSize(headers: HeaderValues, asked: AskedBytes): boolean {
  const match = /^bytes \*\/(\d{1,15})$/.exec(only(headers, 'content-range') ?? '')
  return match !== null && Number(match[1]) !== asked.size
}

/** The value of a header that may come once; null when it is missing, refused when it comes twice. */
function only(headers: HeaderValues, name: string): string | null {
  const values = headers.get(name) ?? []
  if (values.length > 1) throw refused(`two-${name}`)
  return values[0]?.trim() ?? null
}

function refused(why: string, code: ErrorCode = 'corrupt-source'): AppError {
  return new AppError(code, undefined, { why })
}

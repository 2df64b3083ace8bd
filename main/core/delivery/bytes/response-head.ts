import { AppError } from '../../../../contract/errors.ts'
import { type HeaderValues, toHeaderValues } from '../answer-rules.ts'

/** The largest status line with headers that is read, in bytes. */
export const LARGEST_HEAD = 64 * 1024

export interface ResponseHead {
  readonly status: number
  readonly headers: HeaderValues
}

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/
const END = Buffer.from('\r\n\r\n')

/** Bytes of the head at the beginning of `bytes` with the empty line that ends it; null while it has not all come. */
export function headLength(bytes: Uint8Array): number | null {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(END)
  return end < 0 ? null : end + END.length
}

/**
 * Reads a status line and header lines (RFC 9112 §4, §5). What a lenient reader would repair is refused: folded lines, spaces before a colon,
 * bare line feeds, control characters. Throws `corrupt-source`.
 */
export function parseHead(head: Uint8Array): ResponseHead {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1')
  const [statusLine = '', ...lines] = text.slice(0, -END.length).split('\r\n')
  const status = STATUS_LINE.exec(statusLine)
  if (status === null) throw notHttp()
  const flat = lines.flatMap((line) => {
    const match = HEADER_LINE.exec(line)
    if (match === null) throw notHttp()
    return [match[1] ?? '', match[2] ?? '']
  })
  return { status: Number(status[1]), headers: toHeaderValues(flat) }
}

export function notHttp(): AppError {
  return new AppError('corrupt-source', undefined, { why: 'not-http' })
}

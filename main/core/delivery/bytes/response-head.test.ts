import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../../../contract/errors.ts'
import { headLength, parseHead } from './response-head.ts'

const head = (text: string) => Buffer.from(text, 'latin1')

describe('reading the head of an answer', () => {
  it('gives status and headers, each value as it came and in its order', () => {
    const { status, headers } = parseHead(
      head('HTTP/1.1 206 Partial Content\r\nETag: "x"\r\nX-Two:  a \r\nx-two:b\r\nEmpty:\r\n\r\n'),
    )
    expect(status).toBe(206)
    expect(Object.fromEntries(headers)).toEqual({ etag: ['"x"'], 'x-two': ['a', 'b'], empty: [''] })
  })

  it('takes a status line without a reason', () => {
    expect(parseHead(head('HTTP/1.1 200\r\n\r\n')).status).toBe(200)
    expect(parseHead(head('HTTP/1.0 200 \r\n\r\n')).status).toBe(200)
  })

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
    ['another version', 'HTTP/2 200 OK\r\n\r\n'],
    ['a status that is none', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['a space before the colon', 'HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\n'],
    ['a line without a colon', 'HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n'],
    ['a bare line feed', 'HTTP/1.1 200 OK\r\nA: b\nContent-Length: 5\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n'],
    ['a name with a control character', 'HTTP/1.1 200 OK\r\nA\x01: b\r\n\r\n'],
  ])('refuses %s', (_, text) => {
    expect(() => parseHead(head(text))).toThrow(expect.objectContaining({ code: 'corrupt-source' }))
  })

  it('finds the end of a head in bytes of any kind, and never throws anything but its own error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, isEnded) => {
        const all = isEnded ? Buffer.concat([Buffer.from('HTTP/1.1 206 x\r\n'), bytes, Buffer.from('\r\n\r\n')]) : bytes
        const length = headLength(all)
        if (length === null) return !isEnded
        try {
          return parseHead(all.subarray(0, length)).status >= 100
        } catch (error) {
          return error instanceof AppError && error.code === 'corrupt-source'
        }
      }),
      { numRuns: 2000 },
    )
  })
})

import { describe, expect, it } from 'vitest'
import { AppError } from '../../../contract/errors.ts'
import { type AskedBytes, judgeAnswer, toHeaderValues } from './answer-rules.ts'

const asked: AskedBytes = { start: 400, end: 799, size: 1000, etag: '"sha256-aa"' }
const good: Record<string, string> = {
  'Content-Type': 'audio/mpeg',
  'Content-Length': '400',
  'Content-Range': 'bytes 400-799/1000',
  ETag: '"sha256-aa"',
}

function judge(status: number, change: Record<string, string | null>, extra: string[] = [], of = asked) {
  const headers = Object.entries({ ...good, ...change }).flatMap(([name, value]) =>
    value === null ? [] : [name, value],
  )
  try {
    return judgeAnswer(status, toHeaderValues([...headers, ...extra]), of)
  } catch (error) {
    if (error instanceof AppError)
      return `${error.code}${error.detail?.['why'] === undefined ? '' : `: ${error.detail['why']}`}`
    throw error
  }
}

describe('R-DC-13: what may be written to the file', () => {
  it('an honest 206', () => expect(judge(206, {})).toEqual({ kind: 'bytes', start: 400, end: 799 }))

  it('an honest shorter 206', () => {
    const short = { 'Content-Range': 'bytes 400-499/1000', 'Content-Length': '100' }
    expect(judge(206, short)).toEqual({ kind: 'bytes', start: 400, end: 499 })
  })

  it('a 200 with everything, when everything was asked for', () => {
    const all = { ...asked, start: 0, end: 999 }
    const answer = { 'Content-Range': null, 'Content-Length': '1000' }
    expect(judge(200, answer, [], all)).toEqual({ kind: 'bytes', start: 0, end: 999 })
  })

  it('nothing yet, when everything came instead of the range', () => {
    expect(judge(200, { 'Content-Range': null, 'Content-Length': '1000' })).toEqual({ kind: 'whole' })
    expect(judge(206, { 'Content-Range': 'bytes 0-999/1000', 'Content-Length': '1000' })).toEqual({ kind: 'whole' })
  })
})

describe('R-DC-12: what may never be written to the file', () => {
  it.each<[string, number, Record<string, string | null>, string]>([
    ['206 that starts elsewhere', 206, { 'Content-Range': 'bytes 300-699/1000' }, 'corrupt-source: other-range'],
    [
      '206 that ends later',
      206,
      { 'Content-Range': 'bytes 400-899/1000', 'Content-Length': '500' },
      'corrupt-source: other-range',
    ],
    ['206 without Content-Range', 206, { 'Content-Range': null }, 'corrupt-source: content-range'],
    ['206 of unknown total', 206, { 'Content-Range': 'bytes 400-799/*' }, 'corrupt-source: content-range'],
    ['206 of another total', 206, { 'Content-Range': 'bytes 400-799/2000' }, 'content-changed'],
    [
      '206 with its end before its start',
      206,
      { 'Content-Range': 'bytes 799-400/1000' },
      'corrupt-source: content-range',
    ],
    ['206 in other units', 206, { 'Content-Range': 'items 400-799/1000' }, 'corrupt-source: content-range'],
    ['206 without Content-Length', 206, { 'Content-Length': null }, 'corrupt-source: content-length'],
    ['206 with a length that is not its range', 206, { 'Content-Length': '399' }, 'corrupt-source: content-length'],
    ['206 of several parts', 206, { 'Content-Type': 'multipart/byteranges; boundary=x' }, 'corrupt-source: multipart'],
    ['206 with another ETag', 206, { ETag: '"sha256-bb"' }, 'content-changed'],
    ['206 with a weak ETag', 206, { ETag: 'W/"sha256-aa"' }, 'corrupt-source: weak-validator'],
    ['206 without ETag', 206, { ETag: null }, 'corrupt-source: weak-validator'],
    ['206 in gzip', 206, { 'Content-Encoding': 'gzip' }, 'corrupt-source: encoded'],
    ['206 in chunks', 206, { 'Transfer-Encoding': 'chunked' }, 'corrupt-source: encoded'],
    ['206 in HTML', 206, { 'Content-Type': 'text/html' }, 'captive-portal'],
    ['200 with the range as its body', 200, { 'Content-Range': null }, 'corrupt-source: content-length'],
    ['200 in HTML', 200, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Length': '133' }, 'captive-portal'],
    ['a redirect', 302, { Location: 'https://elsewhere.example/' }, 'captive-portal'],
    ['304', 304, {}, 'captive-portal'],
    ['511', 511, {}, 'captive-portal'],
    ['412', 412, {}, 'content-changed'],
    ['416 of another size', 416, { 'Content-Range': 'bytes */2000' }, 'content-changed'],
    ['416 of this size', 416, { 'Content-Range': 'bytes */1000' }, 'range-not-satisfiable'],
    ['416 that says nothing', 416, { 'Content-Range': null }, 'range-not-satisfiable'],
    ['204', 204, {}, 'corrupt-source: unexpected-status'],
  ])('%s', (_, status, change, verdict) => {
    expect(judge(status, change)).toBe(verdict)
  })

  it.each([
    ['Content-Length', '400', 'corrupt-source: two-content-length'],
    ['Content-Range', 'bytes 0-399/1000', 'corrupt-source: two-content-range'],
    ['ETag', '"sha256-bb"', 'corrupt-source: two-etag'],
  ])('%s twice', (name, value, verdict) => {
    expect(judge(206, {}, [name, value])).toBe(verdict)
  })

  it.each([401, 403, 404, 409, 410, 429, 500, 503])('the body of a %i', (status) => {
    expect(judge(status, {})).toEqual({ kind: 'problem' })
  })
})

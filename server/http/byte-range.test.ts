import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseRange, passesIfMatch, passesIfRange } from './byte-range.ts'

const ETAG = `"sha256-${'a'.repeat(64)}"`

describe('Range', () => {
  it.each<[string | undefined, object]>([
    [undefined, { kind: 'whole' }],
    ['bytes=0-0', { kind: 'part', range: [0, 0] }],
    ['bytes=10-19', { kind: 'part', range: [10, 19] }],
    ['Bytes=10-19', { kind: 'part', range: [10, 19] }],
    ['bytes=90-', { kind: 'part', range: [90, 99] }],
    ['bytes=90-1000', { kind: 'part', range: [90, 99] }],
    ['bytes=-10', { kind: 'part', range: [90, 99] }],
    ['bytes=-1000', { kind: 'part', range: [0, 99] }],
    ['bytes=100-', { kind: 'unsatisfiable' }],
    ['bytes=100-200', { kind: 'unsatisfiable' }],
    ['bytes=-0', { kind: 'unsatisfiable' }],
    ['bytes=20-10', { kind: 'whole' }],
    ['bytes=0-1,5-6', { kind: 'whole' }],
    ['bytes=-', { kind: 'whole' }],
    ['bytes=a-b', { kind: 'whole' }],
    ['items=0-1', { kind: 'whole' }],
    ['bytes=99999999999999999999-', { kind: 'whole' }],
    ['', { kind: 'whole' }],
  ])('R-MM-51: %s of 100 bytes', (header, expected) => {
    expect(parseRange(header, 100)).toEqual(expected)
  })

  it('never names a byte that is not in the file', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.nat(2000), fc.option(fc.nat(2000)), (size, start, end) => {
        const request = parseRange(`bytes=${start}-${end ?? ''}`, size)
        if (request.kind === 'part') {
          const [first, last] = request.range
          expect(first <= last && last < size && first === start).toBe(true)
        }
      }),
    )
  })
})

describe('preconditions', () => {
  it('R-MM-51: If-Match takes the strong tag only', () => {
    expect(passesIfMatch(undefined, ETAG)).toBe(true)
    expect(passesIfMatch('*', ETAG)).toBe(true)
    expect(passesIfMatch(ETAG, ETAG)).toBe(true)
    expect(passesIfMatch(`"other", ${ETAG}`, ETAG)).toBe(true)
    expect(passesIfMatch(`W/${ETAG}`, ETAG)).toBe(false)
    expect(passesIfMatch('"other"', ETAG)).toBe(false)
  })

  it('R-MM-51: If-Range takes the strong tag only, and no date', () => {
    expect(passesIfRange(undefined, ETAG)).toBe(true)
    expect(passesIfRange(ETAG, ETAG)).toBe(true)
    expect(passesIfRange(`W/${ETAG}`, ETAG)).toBe(false)
    expect(passesIfRange('Wed, 21 Oct 2026 07:28:00 GMT', ETAG)).toBe(false)
  })
})

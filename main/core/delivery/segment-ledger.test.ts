import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSegmentLedger } from './segment-ledger.ts'

describe('R-DC-13: who fetches which bytes', () => {
  it('begins where the bytes that are here end', () => {
    const ledger = createSegmentLedger({ sizeBytes: 95, segmentSize: 10 })
    ledger.setVerified(0)
    ledger.setHere(1, 4)
    expect(ledger.take(3)).toMatchObject({ start: 14, end: 39 })
    expect(ledger.take(99)).toMatchObject({ start: 40, end: 94 })
    expect(ledger.take(1)).toBeNull()
    expect(ledger.receivedBytes()).toBe(14)
  })

  it('ends a run before a segment that has begun', () => {
    const ledger = createSegmentLedger({ sizeBytes: 50, segmentSize: 10 })
    ledger.setHere(2, 5)
    expect(ledger.take(9)).toMatchObject({ start: 0, end: 19 })
    expect(ledger.take(9)).toMatchObject({ start: 25, end: 49 })
  })

  it('what is left out counts as here and is fetched by nobody; it may still be proved, or come damaged', () => {
    const ledger = createSegmentLedger({ sizeBytes: 45, segmentSize: 10 })
    for (const segment of [0, 2, 4]) ledger.leaveOut(segment)
    expect([ledger.missingSegments(), ledger.receivedBytes(), ledger.cells(400)]).toEqual([2, 25, '20202'])
    expect(ledger.take(9)).toMatchObject({ start: 10, end: 19 })
    expect(ledger.take(9)).toMatchObject({ start: 30, end: 39 })
    expect([ledger.take(9), ledger.isVerified(0)]).toEqual([null, false])
    ledger.setVerified(0)
    ledger.forget(2)
    expect(ledger.missingSegments()).toBe(2)
    for (const segment of [1, 3]) ledger.setVerified(segment)
    expect(ledger.isComplete()).toBe(true)
  })

  it('gives everything only while nobody fetches', () => {
    const ledger = createSegmentLedger({ sizeBytes: 25, segmentSize: 10 })
    const one = ledger.take(1)
    expect(ledger.takeAll()).toBeNull()
    if (one !== null) ledger.release(one)
    expect(ledger.takeAll()).toMatchObject({ start: 0, end: 24 })
  })

  it('knows an empty file as complete', () => {
    const ledger = createSegmentLedger({ sizeBytes: 0, segmentSize: 10 })
    expect([ledger.isComplete(), ledger.take(1), ledger.takeAll(), ledger.cells(400)]).toEqual([true, null, null, ''])
  })

  it('R-DC-11: draws at most 400 cells, one for each segment while they fit', () => {
    const small = createSegmentLedger({ sizeBytes: 40, segmentSize: 10 })
    small.setVerified(0)
    small.setHere(1, 3)
    expect(small.cells(400)).toBe('2100')
    const large = createSegmentLedger({ sizeBytes: 1001, segmentSize: 1 })
    large.setVerified(0)
    large.setVerified(1)
    expect(large.cells(400)).toBe(`2${'0'.repeat(399)}`)
  })

  it('fetches every missing byte exactly once, whatever the order of connections', () => {
    fc.assert(
      fc.property(
        fc.record({ sizeBytes: fc.nat(500), segmentSize: fc.integer({ min: 1, max: 40 }) }),
        fc.array(fc.nat(40), { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 60 }),
        (facts, begun, sizes) => {
          const ledger = createSegmentLedger(facts)
          begun.slice(0, ledger.count).forEach((bytes, segment) => {
            if (bytes >= ledger.lengthOf(segment)) ledger.setVerified(segment)
            else ledger.setHere(segment, bytes)
          })
          const fetched = new Uint8Array(facts.sizeBytes)
          for (let turn = 0; ; turn++) {
            const next = ledger.take(sizes[turn % sizes.length] ?? 1)
            if (next === null) break
            expect(next.lastSegment - next.firstSegment + 1).toBeLessThanOrEqual(9)
            for (let byte = next.start; byte <= next.end; byte++) fetched[byte] = (fetched[byte] ?? 0) + 1
          }
          const missing = facts.sizeBytes - ledger.receivedBytes()
          expect(fetched.every((times) => times <= 1)).toBe(true)
          expect(fetched.reduce((sum, times) => sum + times, 0)).toBe(missing)
        },
      ),
    )
  })

  it('the end of a segment in pieces: whole when all are here, and begun again only when none is under way', () => {
    const ledger = createSegmentLedger({ sizeBytes: 100, segmentSize: 100 })
    const begin = ledger.take(1)
    const last = ledger.takeTail(60, 99)
    const middle = ledger.takeTail(40, 59)
    ledger.setHere(0, 40)
    if (begin !== null) ledger.release(begin)
    expect(ledger.take(1)).toBeNull()
    ledger.setTailHere(last)
    ledger.release(last)
    expect(ledger.isWhole(0)).toBe(false)
    ledger.setTailHere(middle)
    ledger.release(middle)
    expect(ledger.isWhole(0)).toBe(true)
    expect(ledger.take(1)).toBeNull()
  })

  it('a piece that did not come leaves a gap: the rest comes again, once no other piece is under way', () => {
    const ledger = createSegmentLedger({ sizeBytes: 100, segmentSize: 100 })
    const begin = ledger.take(1)
    const last = ledger.takeTail(60, 99)
    const middle = ledger.takeTail(40, 59)
    ledger.setHere(0, 40)
    if (begin !== null) ledger.release(begin)
    ledger.release(middle)
    expect(ledger.take(1)).toBeNull()
    ledger.setTailHere(last)
    ledger.release(last)
    expect(ledger.isWhole(0)).toBe(false)
    expect(ledger.take(1)).toMatchObject({ start: 40, end: 99, endsInside: false })
  })

  it('a begin that breaks goes on up to the piece that others fetch', () => {
    const ledger = createSegmentLedger({ sizeBytes: 250, segmentSize: 100 })
    const begin = ledger.take(1)
    ledger.takeTail(60, 99)
    ledger.setHere(0, 20)
    if (begin !== null) ledger.release(begin)
    expect(ledger.take(9)).toMatchObject({ start: 20, end: 59, endsInside: true })
    expect(ledger.take(9)).toMatchObject({ start: 100, end: 249, endsInside: false })
  })
})

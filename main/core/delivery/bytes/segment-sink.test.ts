import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSegmentSink, type PartAccess } from './segment-sink.ts'

const SEGMENT = 100

function setUp(size: number, isAsync: boolean) {
  const source = Buffer.from(Array.from({ length: size }, (_, index) => (index * 31 + 7) % 251))
  const file = Buffer.alloc(size)
  const notes = new Map<number, number>()
  const done = <T>(value: T): T | Promise<T> => (isAsync ? Promise.resolve(value) : value)
  const access: PartAccess = {
    write: (bytes, offset) => {
      file.set(bytes, offset)
      return isAsync ? Promise.resolve() : undefined
    },
    hash: (offset, length) => done(createHash('sha256').update(file.subarray(offset, offset + length))),
    note: (segment, bytes) => {
      notes.set(segment, bytes)
      return isAsync ? Promise.resolve() : undefined
    },
  }
  const hashOf = (segment: number) =>
    createHash('sha256')
      .update(source.subarray(segment * SEGMENT, Math.min(size, (segment + 1) * SEGMENT)))
      .digest('hex')
  return { source, file, notes, access, hashOf }
}

/** Cuts bytes into pieces of the given lengths, again and again. */
function* pieces(bytes: Buffer, lengths: readonly number[]) {
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const length = lengths[index % lengths.length] ?? 1
    yield bytes.subarray(at, at + length)
    at += length
  }
}

const layout = fc.record({
  size: fc.integer({ min: 1, max: 900 }),
  from: fc.nat(),
  to: fc.nat(),
  lengths: fc.array(fc.integer({ min: 1, max: 250 }), { minLength: 1, maxLength: 5 }),
  isAsync: fc.boolean(),
})

describe('R-DC-12: bytes on their way into the part file', () => {
  it('every segment that a range completes is proved, however the bytes are cut', async () => {
    await fc.assert(
      fc.asyncProperty(layout, async ({ size, from, to, lengths, isAsync }) => {
        const { source, file, access, hashOf } = setUp(size, isAsync)
        const start = from % size
        const last = Math.min(size, (Math.floor((start + (to % (size - start))) / SEGMENT) + 1) * SEGMENT) - 1
        const first = Math.floor(start / SEGMENT)
        // What is before the range in its first segment came earlier.
        file.set(source.subarray(first * SEGMENT, start), first * SEGMENT)
        const segments = Array.from({ length: Math.floor(last / SEGMENT) - first + 1 }, (_, index) =>
          hashOf(first + index),
        )
        const proved: [number, boolean][] = []
        const sink = createSegmentSink(
          {
            asked: { start, end: last, size, etag: '"x"' },
            segmentSize: SEGMENT,
            segments,
            beginsInside: false,
            endsInside: false,
          },
          access,
          { bytes: () => {}, segment: (segment, isRight) => proved.push([segment, isRight]) },
        )
        sink.begin(start)
        for (const piece of pieces(source.subarray(start, last + 1), lengths)) await sink.take(piece)
        expect(proved).toEqual(segments.map((_, index) => [first + index, true]))
        expect(file.subarray(first * SEGMENT, last + 1)).toEqual(source.subarray(first * SEGMENT, last + 1))
      }),
    )
  })

  it('a changed byte makes exactly its segment wrong, and its hint is taken back', async () => {
    const { source, notes, access, hashOf } = setUp(300, false)
    const wrong = Buffer.from(source)
    wrong[150] = (wrong[150] ?? 0) ^ 1
    const proved: [number, boolean][] = []
    const sink = createSegmentSink(
      {
        asked: { start: 0, end: 299, size: 300, etag: '"x"' },
        segmentSize: SEGMENT,
        segments: [0, 1, 2].map(hashOf),
        beginsInside: false,
        endsInside: false,
      },
      access,
      { bytes: () => {}, segment: (segment, isRight) => proved.push([segment, isRight]) },
    )
    sink.begin(0)
    await sink.take(wrong)
    expect(proved).toEqual([
      [0, true],
      [1, false],
      [2, true],
    ])
    expect([...notes]).toEqual([
      [0, 100],
      [1, 0],
      [2, 100],
    ])
  })

  it('passes over segments that are here, without touching them', async () => {
    const { source, file, access, hashOf } = setUp(300, false)
    file.fill(9, 100, 200)
    const sink = createSegmentSink(
      {
        asked: { start: 0, end: 299, size: 300, etag: '"x"' },
        segmentSize: SEGMENT,
        segments: [hashOf(0), null, hashOf(2)],
        beginsInside: false,
        endsInside: false,
      },
      access,
      { bytes: () => {}, segment: () => {} },
    )
    sink.begin(0)
    await sink.take(source)
    expect(file.subarray(100, 200).every((byte) => byte === 9)).toBe(true)
    expect(file.subarray(200)).toEqual(source.subarray(200))
  })

  it('a range that is shortened ends there, or where it stands; nothing is written behind', async () => {
    await fc.assert(
      fc.asyncProperty(layout, fc.nat(899), async ({ size, from, lengths, isAsync }, wanted) => {
        const { source, file, access, hashOf } = setUp(size, isAsync)
        const segments = Array.from({ length: Math.ceil(size / SEGMENT) }, (_, index) => hashOf(index))
        const proved: number[] = []
        const sink = createSegmentSink(
          {
            asked: { start: 0, end: size - 1, size, etag: '"x"' },
            segmentSize: SEGMENT,
            segments,
            beginsInside: false,
            endsInside: false,
          },
          access,
          {
            bytes: () => {},
            segment: (segment, isRight) => {
              expect(isRight).toBe(true)
              proved.push(segment)
            },
          },
        )
        sink.begin(0)
        const before = from % size
        await sink.take(source.subarray(0, before))
        const end = sink.shorten(wanted)
        expect(end).toBe(Math.min(size - 1, Math.max(wanted, before - 1)))
        for (const piece of pieces(source.subarray(before), lengths)) if (!(await sink.take(piece))) break
        expect(file.subarray(0, end + 1)).toEqual(source.subarray(0, end + 1))
        expect(file.subarray(end + 1).every((byte) => byte === 0)).toBe(true)
        expect(proved).toEqual(
          segments.map((_, index) => index).filter((index) => Math.min(size, (index + 1) * SEGMENT) - 1 <= end),
        )
      }),
    )
  })
})

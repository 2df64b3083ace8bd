/** A run of bytes that one connection fetches: `start` to `end`, both inclusive. */
export interface Assignment {
  readonly start: number
  readonly end: number
  readonly firstSegment: number
  readonly lastSegment: number
  /** The end of the last segment is another connection's. */
  readonly endsInside: boolean
  /** The begin of the segment is another connection's: these bytes are its end. */
  readonly beginsInside: boolean
}

export interface LedgerFacts {
  readonly sizeBytes: number
  readonly segmentSize: number
}

/** What is here of a file, segment by segment, and who fetches what. Lengths and offsets are bytes. */
export interface SegmentLedger {
  readonly count: number
  startOf(segment: number): number
  lengthOf(segment: number): number
  /** Bytes of the segment that are on disk without a gap from its start. */
  hereOf(segment: number): number
  isVerified(segment: number): boolean
  setHere(segment: number, bytes: number): void
  setVerified(segment: number): void
  /** Its bytes are not needed: it counts as here, and is fetched by nobody. */
  leaveOut(segment: number): void
  /** Forgets the segment's bytes: it has to come again. */
  forget(segment: number): void
  /** The next run of missing bytes, at most `most` segments, that no other connection fetches; null when there is none. */
  take(most: number): Assignment | null
  /** Everything from the first byte to the last, for a server that knows no ranges; null while another connection fetches. */
  takeAll(): Assignment | null
  /** Bytes of one segment behind those that another connection fetches; they may be split from it again and again. */
  takeTail(start: number, end: number): Assignment
  /** What follows the byte `end` belongs to an assignment no longer. */
  shorten(assignment: Assignment, end: number): void
  /** The end of a segment has come; with its begin it is whole, and its hash decides. */
  setTailHere(tail: Assignment): void
  /** True when every byte of the segment is here, in whatever pieces it came. */
  isWhole(segment: number): boolean
  release(assignment: Assignment): void
  missingSegments(): number
  receivedBytes(): number
  isComplete(): boolean
  /** One digit for each segment, at most `cells` digits: 0 missing, 1 arriving, 2 verified. */
  cells(cells: number): string
}

/** The end of a segment in pieces. One piece that did not come leaves a gap: then all of it comes again, when no piece is under way any more. */
interface Tail {
  readonly start: number
  readonly pending: Set<Assignment>
  hasGap: boolean
}

export function createSegmentLedger({ sizeBytes, segmentSize }: LedgerFacts): SegmentLedger {
  const count = Math.ceil(sizeBytes / segmentSize)
  const here = new Float64Array(count)
  const verified = new Uint8Array(count)
  const leftOut = new Uint8Array(count)
  const taken = new Array<Assignment | null>(count).fill(null)
  /** Where the part of a segment begins that comes, or came, on connections of its own, and those that are still at it. */
  const tails = new Map<number, Tail>()
  let missing = count
  let received = 0
  /** No segment before it is free: spares looking at all of them again and again. */
  let firstMissing = 0

  const startOf = (segment: number) => segment * segmentSize
  const lengthOf = (segment: number) => Math.min(segmentSize, sizeBytes - startOf(segment))
  const hereOf = (segment: number) => here[segment] ?? 0
  const isNeeded = (segment: number) => verified[segment] === 0 && leftOut[segment] === 0
  const isFree = (segment: number) => segment < count && isNeeded(segment) && taken[segment] === null

  function setHere(segment: number, bytes: number) {
    received += bytes - hereOf(segment)
    here[segment] = bytes
  }

  function assign(first: number, last: number, start: number): Assignment {
    const tail = tails.get(last)
    const end = tail === undefined ? startOf(last) + lengthOf(last) - 1 : tail.start - 1
    const assignment = {
      start,
      end,
      firstSegment: first,
      lastSegment: last,
      endsInside: tail !== undefined,
      beginsInside: false,
    }
    taken.fill(assignment, first, last + 1)
    return assignment
  }

  function longestRunFrom(first: number, most: number): number {
    let last = first
    // Bytes of a begun segment would be fetched again, so a run ends before one.
    while (
      !tails.has(last) &&
      last - first + 1 < most &&
      isFree(last + 1) &&
      mayBegin(last + 1) &&
      hereOf(last + 1) === 0
    )
      last += 1
    return last
  }

  function forget(segment: number) {
    if (verified[segment] === 1 && leftOut[segment] === 0) missing += 1
    verified[segment] = 0
    const tail = tails.get(segment)
    if (tail !== undefined) tail.hasGap = true
    setHere(segment, 0)
    firstMissing = Math.min(firstMissing, segment)
  }

  return {
    count,
    startOf,
    lengthOf,
    hereOf,
    isVerified: (segment) => verified[segment] === 1,
    setHere,
    setVerified(segment) {
      if (isNeeded(segment)) missing -= 1
      verified[segment] = 1
      tails.delete(segment)
      setHere(segment, lengthOf(segment))
    },
    leaveOut(segment) {
      if (isNeeded(segment)) missing -= 1
      leftOut[segment] = 1
      setHere(segment, lengthOf(segment))
    },
    forget,
    take(most) {
      while (firstMissing < count && !isNeeded(firstMissing)) firstMissing += 1
      for (let first = firstMissing; first < count; first++) {
        if (!isFree(first) || !mayBegin(first)) continue
        // All of it came, and nobody could prove it.
        if (hereOf(first) === lengthOf(first)) setHere(first, 0)
        return assign(first, longestRunFrom(first, Math.max(1, most)), startOf(first) + hereOf(first))
      }
      return null
    },
    takeAll() {
      const isShared = [...tails.values()].some(({ pending }) => pending.size > 0)
      if (missing === 0 || isShared || taken.some((one) => one !== null)) return null
      tails.clear()
      return assign(0, count - 1, 0)
    },
    takeTail(start, end) {
      const segment = Math.floor(start / segmentSize)
      const tail = { start, end, firstSegment: segment, lastSegment: segment, endsInside: false, beginsInside: true }
      const others = tails.get(segment)
      tails.set(segment, {
        start,
        pending: new Set([...(others?.pending ?? []), tail]),
        hasGap: others?.hasGap ?? false,
      })
      return tail
    },
    shorten(assignment, end) {
      for (let segment = Math.floor(end / segmentSize) + 1; segment <= assignment.lastSegment; segment++)
        if (taken[segment] === assignment) taken[segment] = null
    },
    setTailHere(tail) {
      tails.get(tail.firstSegment)?.pending.delete(tail)
    },
    isWhole: isWholeAt,
    release(assignment) {
      if (assignment.beginsInside) {
        const tail = tails.get(assignment.firstSegment)
        if (tail?.pending.delete(assignment)) tail.hasGap = true
        return
      }
      for (let segment = assignment.firstSegment; segment <= assignment.lastSegment; segment++)
        if (taken[segment] === assignment) taken[segment] = null
    },
    missingSegments: () => missing,
    receivedBytes: () => received,
    isComplete: () => missing === 0,
    cells: (cells) => drawCells(Math.min(cells, count), count, (segment) => digitOf(segment)),
  }

  /** No two connections ever write to the same bytes: a segment is not begun again while a piece of it is under way. */
  function mayBegin(segment: number): boolean {
    const tail = tails.get(segment)
    if (tail === undefined) return true
    if (tail.hasGap && tail.pending.size === 0) tails.delete(segment)
    if (tail.hasGap) return tail.pending.size === 0
    return startOf(segment) + hereOf(segment) < tail.start
  }

  function isWholeAt(segment: number): boolean {
    const tail = tails.get(segment)
    if (tail === undefined) return hereOf(segment) === lengthOf(segment)
    return !tail.hasGap && tail.pending.size === 0 && startOf(segment) + hereOf(segment) >= tail.start
  }

  function digitOf(segment: number): 0 | 1 | 2 {
    if (!isNeeded(segment)) return 2
    return taken[segment] !== null || hereOf(segment) > 0 ? 1 : 0
  }
}

/** Several segments in one cell show as what is behind: arriving when any has begun, verified when all are. */
function drawCells(cells: number, count: number, digitOf: (segment: number) => 0 | 1 | 2): string {
  let text = ''
  for (let cell = 0; cell < cells; cell++) {
    const first = Math.floor((cell * count) / cells)
    const last = Math.floor(((cell + 1) * count) / cells) - 1
    const digits = Array.from({ length: last - first + 1 }, (_, index) => digitOf(first + index))
    text += digits.every((digit) => digit === digits[0]) ? (digits[0] ?? 0) : 1
  }
  return text
}

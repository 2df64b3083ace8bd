/** A run of bytes that one connection fetches: `start` to `end`, both inclusive. */
export interface Assignment {
  readonly start: number
  readonly end: number
  readonly firstSegment: number
  readonly lastSegment: number
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
  /** Forgets the segment's bytes: it has to come again. */
  forget(segment: number): void
  /** The next run of missing bytes, at most `most` segments, that no other connection fetches; null when there is none. */
  take(most: number): Assignment | null
  /** Everything from the first byte to the last, for a server that knows no ranges; null while another connection fetches. */
  takeAll(): Assignment | null
  release(assignment: Assignment): void
  missingSegments(): number
  receivedBytes(): number
  isComplete(): boolean
  /** One digit for each segment, at most `cells` digits: 0 missing, 1 arriving, 2 verified. */
  cells(cells: number): string
}

export function createSegmentLedger({ sizeBytes, segmentSize }: LedgerFacts): SegmentLedger {
  const count = Math.ceil(sizeBytes / segmentSize)
  const here = new Array<number>(count).fill(0)
  const verified = new Array<boolean>(count).fill(false)
  const taken = new Array<boolean>(count).fill(false)

  const startOf = (segment: number) => segment * segmentSize
  const lengthOf = (segment: number) => Math.min(segmentSize, sizeBytes - startOf(segment))
  const hereOf = (segment: number) => here[segment] ?? 0
  const isFree = (segment: number) => segment < count && !verified[segment] && !taken[segment]

  function assign(first: number, last: number, start: number): Assignment {
    taken.fill(true, first, last + 1)
    return { start, end: startOf(last) + lengthOf(last) - 1, firstSegment: first, lastSegment: last }
  }

  function longestRunFrom(first: number, most: number): number {
    let last = first
    // Bytes of a begun segment would be fetched again, so a run ends before one.
    while (last - first + 1 < most && isFree(last + 1) && hereOf(last + 1) === 0) last += 1
    return last
  }

  return {
    count,
    startOf,
    lengthOf,
    hereOf,
    isVerified: (segment) => verified[segment] ?? false,
    setHere: (segment, bytes) => {
      here[segment] = bytes
    },
    setVerified: (segment) => {
      verified[segment] = true
      here[segment] = lengthOf(segment)
    },
    forget: (segment) => {
      verified[segment] = false
      here[segment] = 0
    },
    take(most) {
      for (let first = 0; first < count; first++) {
        if (!isFree(first)) continue
        return assign(first, longestRunFrom(first, Math.max(1, most)), startOf(first) + hereOf(first))
      }
      return null
    },
    takeAll: () => (count === 0 || taken.includes(true) || !verified.includes(false) ? null : assign(0, count - 1, 0)),
    release: ({ firstSegment, lastSegment }) => {
      taken.fill(false, firstSegment, lastSegment + 1)
    },
    missingSegments: () => verified.filter((isVerified) => !isVerified).length,
    receivedBytes: () => here.reduce((sum, bytes) => sum + bytes, 0),
    isComplete: () => !verified.includes(false),
    cells: (cells) => drawCells(Math.min(cells, count), count, (segment) => digitOf(segment)),
  }

  function digitOf(segment: number): 0 | 1 | 2 {
    if (verified[segment]) return 2
    return taken[segment] || hereOf(segment) > 0 ? 1 : 0
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

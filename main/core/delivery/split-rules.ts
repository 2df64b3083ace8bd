/** Bytes that are not worth a request of their own. */
const WORTH_A_REQUEST = 32 * 1024

/** Whether handing half of what a connection has before it to another one ends the file noticeably sooner. */
export function isWorthSplitting(bytesLeft: number, msLeft: number, lookMs: number): boolean {
  return bytesLeft >= 2 * WORTH_A_REQUEST && msLeft > 2 * lookMs
}

/** The first byte of the second half of what is left from `next` to `end` (inclusive): a segment's begin where one lies between, else the middle. */
export function splitPoint(next: number, end: number, segmentSize: number): number {
  const middle = next + Math.ceil((end + 1 - next) / 2)
  const boundary = Math.round(middle / segmentSize) * segmentSize
  return boundary > next && boundary <= end ? boundary : middle
}

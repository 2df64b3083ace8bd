/**
 * The heights of `count` bars, 0 to 1, from pairs of lowest and highest samples (signed bytes): the loudest of each stretch, spread so that
 * a quiet intro still shows and a loud track is not a block.
 */
export function waveBars(peaks: Int8Array, count: number): number[] {
  const pairs = peaks.length / 2
  const heights = Array.from({ length: count }, (_, bar) => {
    const from = Math.floor((bar * pairs) / count)
    const to = Math.max(from + 1, Math.floor(((bar + 1) * pairs) / count))
    let sum = 0
    for (let at = from; at < to; at++) sum += ((peaks[2 * at + 1] ?? 0) - (peaks[2 * at] ?? 0)) / 254
    return sum / (to - from)
  })
  const loudest = Math.max(0.05, ...heights)
  return heights.map((height) => (height / loudest) ** 1.4)
}

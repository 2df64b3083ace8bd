/** The middle value; the mean of the two middle ones of an even number. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (upper + lower) / 2
}

/** The list with its first `by` members at its end, and backwards every other time, so that nobody always follows the same neighbour. */
export function inTurn<T>(list: readonly T[], by: number): T[] {
  const from = by % list.length
  const turned = [...list.slice(from), ...list.slice(0, from)]
  return by % 2 === 0 ? turned : turned.reverse()
}

/** Three significant decimals are more than these measurements carry. */
export function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits))
}

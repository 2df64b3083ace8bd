const UNIT: Readonly<Record<string, number>> = { '': 1_000_000, k: 1000, m: 1_000_000, g: 1_000_000_000 }
const LEAST = 10_000
const MOST = 10_000_000_000

export type ParsedSpeed = { readonly bytesPerSecond: number } | { readonly problem: string }

/** Reads a typed speed in MB/s, also with its own unit: `2`, `2.5`, `0,8`, `500 kB/s`; else says what is wrong with it. */
export function parseSpeed(typed: string): ParsedSpeed {
  const match = /^(\d+(?:[.,]\d+)?)\s*([kmg]?)b?(?:\/s)?$/i.exec(typed.trim())
  if (match === null)
    return { problem: typed.trim() === '' ? 'Type a speed, for example 2.5' : 'Type a number, for example 2.5' }
  const [, digits = '', unit = ''] = match
  const bytesPerSecond = Math.round(Number(digits.replace(',', '.')) * (UNIT[unit.toLowerCase()] ?? 1))
  if (bytesPerSecond < LEAST) return { problem: 'The least is 0.01 MB/s; to hold everything, use gig mode' }
  if (bytesPerSecond > MOST) return { problem: 'The most is 10,000 MB/s' }
  return { bytesPerSecond }
}

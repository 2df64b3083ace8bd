import { UsageError } from './command.ts'

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
}

/** Bytes per second from words such as `2MB`, `500 kB/s`, `1.5MiB`, `0`; null for `off`. Throws `UsageError` for anything else. */
export function parseSpeed(word: string): number | null {
  const text = word.trim().toLowerCase()
  if (text === 'off' || text === 'none') return null
  const [, digits = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z]*?)(?:\/s|ps)?$/.exec(text) ?? []
  const factor = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined
  const bytes = Math.round(Number(digits) * (factor ?? Number.NaN))
  if (digits === '' || !Number.isSafeInteger(bytes))
    throw new UsageError(`"${word}" is no speed: write 2MB, 500kB, 0 to hold, or off`)
  return bytes
}

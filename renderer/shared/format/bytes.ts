const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const

/** A size in decimal units, as file browsers show it: `9.4 MB`, `1.21 GB`. */
export function formatBytes(bytes: number, locale?: string): string {
  let unit = 0
  let value = bytes
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 || unit < 3 ? 1 : 2
  const number = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })
  return `${number.format(value)} ${UNITS[unit]}`
}

/** A speed, from bytes per second: `3.2 MB/s`. */
export function formatSpeed(bytesPerSecond: number, locale?: string): string {
  return `${formatBytes(bytesPerSecond, locale)}/s`
}

/** A limit, from bytes per second, with no more digits than it has: `2 MB/s`, `500 kB/s`. */
export function formatLimit(bytesPerSecond: number, locale?: string): string {
  const [size, unit] = bytesPerSecond < 1_000_000 ? [1000, 'kB/s'] : [1_000_000, 'MB/s']
  return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 2 }).format(bytesPerSecond / size)} ${unit}`
}

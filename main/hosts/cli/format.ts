import type { Money } from '../../../contract/values.ts'

/** An amount with its currency, as the locale en-IN writes it. */
export function money({ minor, currency }: Money): string {
  return new Intl.NumberFormat('en-IN', { style: 'currency', currency }).format(minor / 100)
}

/** Bytes in units of 1000, with one decimal from kB on. */
export function size(bytes: number | null): string {
  if (bytes === null) return '?'
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  return `${(bytes / 1000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step]}`
}

/** Rows as columns with two spaces between; control characters are taken out, so that a name can not drive the terminal. */
export function table(rows: readonly (readonly string[])[]): string {
  const clean = rows.map((row) => row.map(plain))
  const widths: number[] = []
  for (const row of clean)
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    })
  return clean
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
    )
    .join('\n')
}

/** Text without control and direction-changing characters. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
}

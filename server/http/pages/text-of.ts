import type { Money } from '../../../contract/values.ts'

/** An amount with its currency, as people write it in India: whole rupees without paise. */
export function moneyText({ minor, currency }: Money): string {
  const format = new Intl.NumberFormat('en-IN', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  const amount = minor / 10 ** digits
  return Number.isInteger(amount)
    ? new Intl.NumberFormat('en-IN', { style: 'currency', currency, maximumFractionDigits: 0 }).format(amount)
    : format.format(amount)
}

/** An amount as machines read it: units with a point. */
export function plainAmount({ minor, currency }: Money): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  return (minor / 10 ** digits).toFixed(digits)
}

/** Seconds as `m:ss`, from an hour on as `h:mm:ss`. */
export function lengthText(seconds: number): string {
  const twoDigits = (value: number): string => String(value).padStart(2, '0')
  const minutes = Math.floor(seconds / 60)
  return minutes < 60
    ? `${minutes}:${twoDigits(seconds % 60)}`
    : `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${twoDigits(seconds % 60)}`
}

/** Seconds as an ISO 8601 duration. */
export function isoDuration(seconds: number): string {
  return `PT${Math.floor(seconds / 60)}M${seconds % 60}S`
}

/** The beginning of a text, cut at a word, for descriptions of at most `max` characters. */
export function excerpt(text: string, max: number): string {
  const flat = text.replace(/\s+/g, ' ').trim()
  if (flat.length <= max) return flat
  const cut = flat.slice(0, max - 1)
  const lastSpace = cut.lastIndexOf(' ')
  return `${cut.slice(0, lastSpace > max / 2 ? lastSpace : max - 1).trimEnd()}…`
}

import type { Money } from '../../../contract/values.ts'

/** An amount with its currency, as the user writes it: `₹49`, `$20.50`. */
export function formatMoney({ minor, currency }: Money, locale?: string): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    trailingZeroDisplay: 'stripIfInteger',
  })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(minor / 10 ** digits)
}

/** The sum of amounts of one currency; an empty list sums to nothing in `currency`. */
export function sumOf(amounts: readonly Money[], currency = 'INR'): Money {
  return { minor: amounts.reduce((sum, { minor }) => sum + minor, 0), currency: amounts[0]?.currency ?? currency }
}

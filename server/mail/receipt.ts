import { z } from 'zod'
import { Money } from '../../contract/values.ts'

const Receipt = z.object({
  paymentId: z.uuid(),
  total: Money,
  items: z.array(z.object({ title: z.string(), price: Money })),
})

const FRACTION_DIGITS = 2

function inWords({ minor, currency }: Money): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(minor / 10 ** FRACTION_DIGITS)
}

/** The receipt of a captured payment as plain text. */
export function receiptMail(payload: unknown): { subject: string; text: string } {
  const { paymentId, total, items } = Receipt.parse(payload)
  const lines = items.map(({ title, price }) => `  ${title}: ${inWords(price)}`)
  return {
    subject: `Your MixMint receipt: ${inWords(total)}`,
    text: `Thank you. You bought:\n\n${lines.join('\n')}\n\nTotal paid: ${inWords(total)}\nPayment: ${paymentId}\n\nWhat you bought is in your library. It stays yours: download it again whenever you need it.`,
  }
}

import type { z } from 'zod'
import { commerce, type Payment as PaymentShape } from '../../../../contract/commerce.ts'
import { library } from '../../../../contract/library.ts'
import { type Cli, type Command, type Outcome, required, UsageError } from '../command.ts'
import { EXIT, type ExitCode } from '../exit-code.ts'
import { findContent } from '../find-content.ts'
import { money } from '../format.ts'

type Payment = z.infer<typeof PaymentShape>

const OUTCOMES = ['succeed', 'fail', 'cancel', 'late', 'duplicate']
const POLL_MS = 500
/** How long `--wait` waits for a payment to be settled, in polls: ten minutes. */
const MOST_POLLS = 1200
const IS_OPEN: ReadonlySet<string> = new Set(['created', 'pending', 'authorized'])

export const buy: Command = {
  usage: `<track or pack>… [--pay ${OUTCOMES.join('|')}] [--wait]`,
  about: 'Opens a payment; --pay drives the sandbox page of a local server, --wait waits until it is settled.',
  options: { pay: { type: 'string' }, wait: { type: 'boolean' } },
  async run(cli, args, { pay, wait }) {
    required(args, 0, 'A track or pack')
    if (pay !== undefined && !OUTCOMES.includes(String(pay)))
      throw new UsageError(`--pay is one of ${OUTCOMES.join(', ')}`)
    const items = await Promise.all(args.map((word) => findContent(cli, word)))
    const payment = await cli.call(commerce.buy, {
      items: items.map(({ contentType, contentId }) => ({ contentType, contentId })),
    })
    if (typeof pay === 'string') await payInSandbox(payment, pay)
    else if (payment.checkoutAddress !== null) cli.note(`Pay here: ${payment.checkoutAddress}`)
    if (wait !== true) return describe(await check(cli, payment.id), EXIT.done)
    return describe(await settled(cli, payment.id), EXIT.waiting)
  },
}

async function check({ call }: Cli, paymentId: string): Promise<Payment> {
  return await call(commerce.checkPayment, { paymentId })
}

async function settled(cli: Cli, paymentId: string): Promise<Payment> {
  let payment = await check(cli, paymentId)
  for (let poll = 0; poll < MOST_POLLS && IS_OPEN.has(payment.status); poll++) {
    await cli.sleep(POLL_MS)
    payment = await check(cli, paymentId)
  }
  if (payment.status === 'captured') await cli.call(library.refresh, {})
  return payment
}

/** Chooses an outcome on the sandbox vendor's page, as its form does. The answer leads back to the app and is not followed. */
async function payInSandbox({ checkoutAddress }: Payment, outcome: string): Promise<void> {
  if (checkoutAddress === null || new URL(checkoutAddress).hostname !== '127.0.0.1')
    throw new UsageError('--pay works with the sandbox of a local server only')
  const response = await fetch(checkoutAddress, {
    method: 'POST',
    body: new URLSearchParams({ outcome }),
    redirect: 'manual',
  })
  await response.body?.cancel()
  if (response.status >= 400) throw new UsageError(`The sandbox page refused the outcome (${response.status})`)
}

/** `whileOpen` is the exit code for a payment that is not settled: whoever waited for it has waited in vain. */
function describe(payment: Payment, whileOpen: ExitCode): Outcome {
  const what = `${money(payment.total)} for ${payment.items.map(({ title }) => title).join(', ')}`
  const text = `Payment ${payment.id}: ${payment.status}, ${what}`
  if (payment.status === 'captured') return { value: payment, text }
  return { value: payment, text, failure: { exitCode: IS_OPEN.has(payment.status) ? whileOpen : EXIT.refused } }
}

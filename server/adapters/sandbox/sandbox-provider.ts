import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import { Money } from '../../../contract/values.ts'
import type { Clock, PaymentProvider, ProviderEvent, ProviderPayment, Random } from '../../ports.ts'
import type { ServerSecrets } from '../../secrets.ts'
import { type SandboxOrder, SandboxOrders } from './order-file.ts'
import { assertWebhookSignature, signWebhook } from './webhook-signature.ts'

export const SANDBOX_OUTCOMES = ['succeed', 'fail', 'cancel', 'late', 'duplicate'] as const
export type SandboxOutcome = (typeof SANDBOX_OUTCOMES)[number]

const WebhookBody = z.object({
  id: z.string(),
  type: z.string(),
  payment: z.object({
    providerOrderId: z.string(),
    providerPaymentId: z.string().nullable(),
    status: z.enum(['pending', 'captured', 'failed', 'cancelled', 'refunded']),
    amount: Money,
  }),
})

export interface SandboxNeeds {
  readonly folder: string
  /** The server's public origin: the pay page lives there, and webhooks go there. */
  readonly origin: string
  readonly clock: Clock
  readonly random: Random
  readonly secrets: ServerSecrets
  /** How late a late payment is captured, ms. */
  readonly lateMs?: number
}

const DEFAULT_LATE_MS = 8_000
const DUPLICATES = 3

/**
 * A payment vendor that needs no network: a hosted page, signed webhooks over real HTTP, refunds, and outcomes chosen by who pays.
 * Exists in local mode only.
 */
export class SandboxProvider implements PaymentProvider {
  readonly name = 'sandbox'
  readonly #needs: SandboxNeeds
  readonly #orders: SandboxOrders

  constructor(needs: SandboxNeeds) {
    this.#needs = needs
    this.#orders = new SandboxOrders(needs.folder)
  }

  async createOrder(
    order: Parameters<PaymentProvider['createOrder']>[0],
  ): Promise<{ providerOrderId: string; checkoutAddress: string }> {
    const id = `order_${order.paymentId}`
    const checkoutAddress = `${this.#needs.origin}/sandbox/pay/${id}`
    if ((await this.#orders.read(id)) === null)
      await this.#orders.write({
        id,
        ...order,
        status: 'pending',
        providerPaymentId: null,
        capturesAt: null,
        refundedMinor: 0,
      })
    return { providerOrderId: id, checkoutAddress }
  }

  async fetchPayment(providerOrderId: string): Promise<ProviderPayment | null> {
    const order = await this.order(providerOrderId)
    return order === null ? null : toProviderPayment(order)
  }

  async refund({ providerOrderId, amount }: Parameters<PaymentProvider['refund']>[0]): Promise<void> {
    const order = await this.order(providerOrderId)
    if (order === null) throw new AppError('not-found', 'The sandbox has no such order.')
    if (order.refundedMinor >= amount.minor) return
    const isWhole = amount.minor >= order.amount.minor
    await this.#orders.write({ ...order, status: isWhole ? 'refunded' : order.status, refundedMinor: amount.minor })
  }

  async readWebhook(headers: Readonly<Record<string, string | undefined>>, body: Buffer): Promise<ProviderEvent> {
    const { clock, secrets } = this.#needs
    assertWebhookSignature(await secrets.get('webhook-sandbox'), headers['sandbox-signature'], clock.now(), body)
    const payload: unknown = JSON.parse(body.toString('utf8'))
    const { id, type, payment } = WebhookBody.parse(payload)
    return { eventId: id, type, payment, payload }
  }

  /** The order as it stands now; null when there is none. */
  async order(id: string): Promise<SandboxOrder | null> {
    const order = await this.#orders.read(id)
    if (order?.status !== 'pending' || order.capturesAt === null || order.capturesAt > this.#needs.clock.now())
      return order
    return this.#capture(order)
  }

  /** What the person on the pay page chose. Answers the order afterwards; one that is no longer pending stays as it is. */
  async choose(id: string, outcome: SandboxOutcome): Promise<SandboxOrder> {
    const order = await this.order(id)
    if (order === null) throw new AppError('not-found', 'There is no such order.')
    if (order.status !== 'pending' || order.capturesAt !== null) return order
    switch (outcome) {
      case 'succeed':
      case 'duplicate': {
        const captured = await this.#capture(order)
        const body = this.#webhookBody(captured)
        for (let n = 0; n < (outcome === 'duplicate' ? DUPLICATES : 1); n += 1) await this.#deliver(body)
        if (outcome === 'duplicate') await this.#deliver(this.#webhookBody(captured))
        return captured
      }
      case 'late':
        return this.#captureLater(order)
      case 'fail':
      case 'cancel': {
        const ended: SandboxOrder = { ...order, status: outcome === 'fail' ? 'failed' : 'cancelled' }
        await this.#orders.write(ended)
        await this.#deliver(this.#webhookBody(ended))
        return ended
      }
    }
  }

  async #capture(order: SandboxOrder): Promise<SandboxOrder> {
    const captured: SandboxOrder = { ...order, status: 'captured', providerPaymentId: `pay_${order.paymentId}` }
    await this.#orders.write(captured)
    return captured
  }

  async #captureLater(order: SandboxOrder): Promise<SandboxOrder> {
    const lateMs = this.#needs.lateMs ?? DEFAULT_LATE_MS
    const waiting = { ...order, capturesAt: this.#needs.clock.now() + lateMs }
    await this.#orders.write(waiting)
    setTimeout(() => void this.#deliverLate(order.id), lateMs).unref()
    return waiting
  }

  async #deliverLate(id: string): Promise<void> {
    const order = await this.order(id)
    if (order?.status === 'captured') await this.#deliver(this.#webhookBody(order))
  }

  #webhookBody(order: SandboxOrder): Buffer {
    const body: z.input<typeof WebhookBody> = {
      id: `evt_${this.#needs.random.uuid()}`,
      type: `payment.${order.status}`,
      payment: { ...toProviderPayment(order), status: order.status },
    }
    return Buffer.from(JSON.stringify(body))
  }

  /** Failing deliveries are lost on purpose: the buyer's client and the reconciliation job must find the payment without them. */
  async #deliver(body: Buffer): Promise<void> {
    const { clock, secrets, origin } = this.#needs
    const [secret] = await secrets.get('webhook-sandbox')
    await fetch(`${origin}/api/webhooks/sandbox`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sandbox-signature': signWebhook(secret, clock.now(), body) },
      body: new Uint8Array(body),
    }).catch(() => undefined)
  }
}

function toProviderPayment({ id, providerPaymentId, status, amount }: SandboxOrder): ProviderPayment {
  return { providerOrderId: id, providerPaymentId, status, amount }
}

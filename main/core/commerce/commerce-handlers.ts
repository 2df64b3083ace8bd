import type { z } from 'zod'
import type { Handlers } from '../../../contract/call.ts'
import { commerce as calls, type Payment as PaymentShape, type PaymentStatus } from '../../../contract/commerce.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { CoreNeeds } from '../needs.ts'
import type { ServerCall } from '../server/server-call.ts'
import {
  addPendingCheckout,
  findPendingCheckout,
  hashItems,
  removePendingCheckout,
  removePendingPayment,
  setPendingPayment,
} from './pending-checkouts.ts'

type Payment = z.infer<typeof PaymentShape>

interface HandlerNeeds extends Pick<CoreNeeds, 'account' | 'clock' | 'emit' | 'random'> {
  readonly serverCall: ServerCall
  /** Where the browser comes back to after paying. */
  readonly returnTo: string
  /** A payment has just been captured: the library is told, and what was bought may be queued. */
  readonly onCaptured: (items: readonly ContentRef[]) => void
}

const OPEN: ReadonlySet<PaymentStatus> = new Set(['created', 'pending', 'authorized'])

/** Buying on this computer: one payment for one intent, followed until it is settled. */
export function commerceHandlers(needs: HandlerNeeds) {
  const { account, clock, emit, random, serverCall, returnTo, onCaptured } = needs
  const lastStatus = new Map<string, PaymentStatus>()
  /** Two presses of one button are one intent. */
  const openings = new Map<string, Promise<Payment>>()

  function follow(payment: Payment): Payment {
    const isNews = lastStatus.get(payment.id) !== payment.status
    lastStatus.set(payment.id, payment.status)
    if (!OPEN.has(payment.status)) removePendingPayment(account().db, payment.id)
    if (isNews) {
      emit({ type: 'commerce.changed', paymentId: payment.id, status: payment.status })
      if (payment.status === 'captured') onCaptured(payment.items)
    }
    return payment
  }

  async function openPaymentOf(itemsHash: string): Promise<Payment | null> {
    const paymentId = findPendingCheckout(account().db, itemsHash)?.paymentId
    if (paymentId === null || paymentId === undefined) return null
    try {
      const payment = follow(await serverCall(calls.getPayment, { paymentId }))
      return OPEN.has(payment.status) ? payment : null
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'not-found')) throw error
      removePendingCheckout(account().db, itemsHash)
      return null
    }
  }

  async function openPayment(items: readonly ContentRef[], itemsHash: string): Promise<Payment> {
    const { db } = account()
    const open = await openPaymentOf(itemsHash)
    if (open !== null) return open
    const pending = findPendingCheckout(db, itemsHash)
    const idempotencyKey = pending?.idempotencyKey ?? random.uuid()
    if (pending === null) addPendingCheckout(db, itemsHash, idempotencyKey, clock.now())
    try {
      const input = { items: [...items], returnTo: asReturnTo(returnTo) }
      const payment = await serverCall(calls.checkout, input, { idempotencyKey })
      setPendingPayment(db, itemsHash, payment.id)
      return follow(payment)
    } catch (error) {
      // A refusal is final for this key; a lost answer is not, and the next try must be the same one.
      if (error instanceof AppError && isRefusal(error)) removePendingCheckout(db, itemsHash)
      throw error
    }
  }

  return {
    buy: async (_, { items }) => {
      const itemsHash = hashItems(items)
      const underWay = `${account().accountId} ${itemsHash}`
      let opening = openings.get(underWay)
      if (opening === undefined) {
        opening = openPayment(items, itemsHash).finally(() => openings.delete(underWay))
        openings.set(underWay, opening)
      }
      return await opening
    },
    checkPayment: async (_, { paymentId }) => follow(await serverCall(calls.getPayment, { paymentId })),
  } satisfies Handlers<typeof calls, 'desktop', void>
}

function isRefusal({ code }: AppError): boolean {
  return code !== 'offline' && code !== 'captive-portal' && code !== 'server-busy' && code !== 'idempotency-in-progress'
}

function asReturnTo(address: string): string {
  return calls.checkout.input.shape.returnTo.parse(address)
}

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

  return {
    buy: async (_, { items }) => {
      const { db } = account()
      const itemsHash = hashItems(items)
      const open = await openPaymentOf(itemsHash)
      if (open !== null) return open
      const idempotencyKey = findPendingCheckout(db, itemsHash)?.idempotencyKey ?? random.uuid()
      if (findPendingCheckout(db, itemsHash) === null) addPendingCheckout(db, itemsHash, idempotencyKey, clock.now())
      try {
        const payment = await serverCall(calls.checkout, { items, returnTo: asReturnTo(returnTo) }, { idempotencyKey })
        setPendingPayment(db, itemsHash, payment.id)
        return follow(payment)
      } catch (error) {
        // A refusal is final for this key; a lost answer is not, and the next try must be the same one.
        if (error instanceof AppError && isRefusal(error)) removePendingCheckout(db, itemsHash)
        throw error
      }
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

import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import type { CallDefinition } from '../../../contract/call.ts'
import { commerce } from '../../../contract/commerce.ts'
import { AppError } from '../../../contract/errors.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { createManualClock } from '../../../tests/_kit/manual-clock.ts'
import { systemRandom } from '../../adapters/system-random.ts'
import { migrateLocalDb } from '../local-db/migrate-local-db.ts'
import type { ServerCall, ServerCallOptions } from '../server/server-call.ts'
import { commerceHandlers } from './commerce-handlers.ts'
import { commerceMigrations, hashItems } from './pending-checkouts.ts'

const track = (n: number): ContentRef => ({
  contentType: 'track',
  contentId: `00000000-0000-4000-8000-00000000000${n}`,
})
const PAYMENT = {
  id: '00000000-0000-4000-8000-0000000000f1',
  status: 'pending',
  total: { minor: 4900, currency: 'INR' },
  items: [{ ...track(1), title: 'One', price: { minor: 4900, currency: 'INR' } }],
  processor: 'sandbox',
  checkoutAddress: 'http://127.0.0.1:4871/sandbox/pay/1',
  failureCode: null,
  createdAt: '2026-01-15T12:00:00Z',
  expiresAt: null,
  capturedAt: null,
}

/** A shop whose answers the test writes, over a real local database. */
function openShop() {
  const db = new DatabaseSync(':memory:')
  migrateLocalDb(db, commerceMigrations, 0)
  const keys: (string | undefined)[] = []
  const events: CoreEvent[] = []
  const captured: (readonly ContentRef[])[] = []
  const shop = {
    checkout: async (): Promise<unknown> => PAYMENT,
    getPayment: async (): Promise<unknown> => PAYMENT,
  }
  const serverCall = (async (definition: CallDefinition, _: unknown, options?: ServerCallOptions) => {
    if (definition.name !== commerce.checkout.name) return await shop.getPayment()
    keys.push(options?.idempotencyKey)
    return await shop.checkout()
  }) as ServerCall
  const handlers = commerceHandlers({
    account: () => ({ accountId: 'a', folder: '/', db }),
    clock: createManualClock(),
    emit: (event) => void events.push(event),
    random: systemRandom,
    serverCall,
    returnTo: 'mixmint://payment',
    onCaptured: (items) => void captured.push(items),
  })
  return {
    shop,
    keys,
    events,
    captured,
    buy: (...items: ContentRef[]) => handlers.buy(undefined, { items }),
    check: () => handlers.checkPayment(undefined, { paymentId: PAYMENT.id }),
  }
}

let it: ReturnType<typeof openShop>
beforeEach(() => {
  it = openShop()
})
const lost = async () => {
  throw new AppError('offline')
}

describe('R-MM-59: one intent is one payment', () => {
  test('when the answer is lost, the next try has the same key', async () => {
    it.shop.checkout = lost
    await expect(it.buy(track(1))).rejects.toMatchObject({ code: 'offline' })
    it.shop.checkout = async () => PAYMENT
    await it.buy(track(1))
    expect(it.keys).toHaveLength(2)
    expect(it.keys[1]).toBe(it.keys[0])
  })

  test('two presses at once are one request', async () => {
    const [one, two] = await Promise.all([it.buy(track(1), track(2)), it.buy(track(2), track(1))])
    expect(one).toEqual(two)
    expect(it.keys).toHaveLength(1)
  })

  test('a payment that is open is found again without a request to open one', async () => {
    await it.buy(track(1))
    await it.buy(track(1))
    expect(it.keys).toHaveLength(1)
  })

  test.each(['failed', 'cancelled', 'refunded'])(
    'after a payment is %s, buying again is a new intent',
    async (status) => {
      await it.buy(track(1))
      it.shop.getPayment = async () => ({ ...PAYMENT, status })
      await it.buy(track(1))
      expect(it.keys).toHaveLength(2)
      expect(it.keys[1]).not.toBe(it.keys[0])
    },
  )

  test('a refusal ends the intent: once the reason is gone, the next try is not answered with the old refusal', async () => {
    it.shop.checkout = async () => {
      throw new AppError('not-for-sale')
    }
    await expect(it.buy(track(1))).rejects.toMatchObject({ code: 'not-for-sale' })
    it.shop.checkout = async () => PAYMENT
    await it.buy(track(1))
    expect(it.keys[1]).not.toBe(it.keys[0])
  })

  test('a payment that the server does not know any more does not block buying', async () => {
    await it.buy(track(1))
    it.shop.getPayment = async () => {
      throw new AppError('not-found')
    }
    await it.buy(track(1))
    expect(it.keys).toHaveLength(2)
  })

  test('other items are another intent; their order is not', () => {
    expect(hashItems([track(1), track(2)])).toBe(hashItems([track(2), track(1)]))
    expect(hashItems([track(1)])).not.toBe(hashItems([track(2)]))
    expect(hashItems([track(1)])).not.toBe(hashItems([{ ...track(1), contentType: 'album' }]))
  })
})

test('each change of a payment is told once, and its capture reaches the library once', async () => {
  await it.buy(track(1))
  await it.check()
  it.shop.getPayment = async () => ({ ...PAYMENT, status: 'captured', capturedAt: '2026-01-15T12:01:00Z' })
  await it.check()
  await it.check()
  expect(it.events).toEqual([
    { type: 'commerce.changed', paymentId: PAYMENT.id, status: 'pending' },
    { type: 'commerce.changed', paymentId: PAYMENT.id, status: 'captured' },
  ])
  expect(it.captured).toEqual([PAYMENT.items])
})

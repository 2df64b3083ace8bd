import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { commerce } from '../../../contract/commerce.ts'
import { signWebhook } from '../../../server/adapters/sandbox/webhook-signature.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { endOverduePayments, sendDueRefunds } from '../../../server/domains/commerce/public.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { type DeviceClient, registeredClient } from '../../_kit/device-client.ts'
import { SERVICE, seedPeople } from '../../_kit/people.ts'
import { idOf, stockTracks } from '../../_kit/shop.ts'
import { startTestServer, type TestServer } from '../../_kit/start-server.ts'

const RETURN_TO = 'http://127.0.0.1:4870/return/payment'
const track = (name: string) => ({ contentType: 'track' as const, contentId: idOf(name) })

describeEachEngine('checkout', (open) => {
  let server: TestServer
  let buyer: DeviceClient

  beforeAll(async () => {
    const { db } = await open()
    server = await startTestServer({ db })
    await seedPeople(db)
    const names = Array.from({ length: 20 }, (_, n) => ({ name: `song ${n}` }))
    await stockTracks(
      db,
      [...names, { name: 'secret song', isFanOnly: true }, { name: 'draft song', status: 'draft' }],
      server.clock,
    )
    buyer = await registeredClient(server.address)
    return () => server[Symbol.asyncDispose]()
  })

  const checkout = (client: DeviceClient, name: string, options = {}) =>
    client.call(commerce.checkout, { items: [track(name)], returnTo: RETURN_TO }, options)

  async function pay(address: string | null, outcome: string): Promise<Response> {
    return fetch(address ?? '', { method: 'POST', body: new URLSearchParams({ outcome }), redirect: 'manual' })
  }

  const purchasesOf = (client: DeviceClient, name: string) =>
    asCaller(server.services.db, SERVICE, (tx) =>
      tx
        .selectFrom('purchases')
        .selectAll()
        .where('user_id', '=', client.userId)
        .where('content_id', '=', idOf(name))
        .execute(),
    )

  async function postWebhook(body: unknown, signature?: string): Promise<Response> {
    const raw = Buffer.from(JSON.stringify(body))
    const [secret] = await server.services.secrets.get('webhook-sandbox')
    return fetch(`${server.address}/api/webhooks/sandbox`, {
      method: 'POST',
      headers: { 'sandbox-signature': signature ?? signWebhook(secret, server.clock.now(), raw) },
      body: new Uint8Array(raw),
    })
  }

  const captured = (paymentId: string, minor: number) => ({
    id: `evt_${randomUUID()}`,
    type: 'payment.captured',
    payment: {
      providerOrderId: `order_${paymentId}`,
      providerPaymentId: `pay_${paymentId}`,
      status: 'captured',
      amount: { minor, currency: 'INR' },
    },
  })

  test('R-MM-57, R-MM-21: the webhook makes the purchase although the client never returns, and a receipt goes out', async () => {
    const { body } = await checkout(buyer, 'song 0')
    expect(body).toMatchObject({ status: 'pending', total: { minor: 4900, currency: 'INR' }, processor: 'sandbox' })
    const paid = await pay(body.checkoutAddress, 'succeed')
    expect(paid.status).toBe(303)
    expect(paid.headers.get('location')).toBe(`${RETURN_TO}?payment=${body.id}`)
    const [purchase] = await purchasesOf(buyer, 'song 0')
    expect(purchase).toMatchObject({
      user_id: buyer.userId,
      content_type: 'track',
      content_id: idOf('song 0'),
      payment_id: body.id,
      revoked_at: null,
    })
    expect(purchase?.created_at).toBeInstanceOf(Date)
    const mails = await readdir(path.join(server.dataDir, 'mail'))
    const texts = await Promise.all(mails.map((name) => readFile(path.join(server.dataDir, 'mail', name), 'utf8')))
    expect(texts.filter((text) => text.includes(body.id))).toHaveLength(1)
    expect(texts.join()).toContain('song 0: ₹49.00')
  })

  test('R-MM-22: what is owned is refused before any payment', async () => {
    expect(await checkout(buyer, 'song 0')).toMatchObject({ status: 409, body: { code: 'already-owned' } })
  })

  test('R-MM-61: a price that the client sends is ignored', async () => {
    const input = {
      items: [{ ...track('song 1'), price: { minor: 1, currency: 'INR' } }],
      returnTo: RETURN_TO,
      total: 1,
    }
    expect(await buyer.call(commerce.checkout, input)).toMatchObject({ status: 200, body: { total: { minor: 4900 } } })
  })

  test('R-MM-16: fan-only content is not sold by itself, and a draft is not found', async () => {
    expect(await checkout(buyer, 'secret song')).toMatchObject({ status: 422, body: { code: 'not-for-sale' } })
    expect(await checkout(buyer, 'draft song')).toMatchObject({ status: 404, body: { code: 'not-found' } })
  })

  test('R-MM-59: the same idempotency key gives the same payment, another input with it is refused', async () => {
    const idempotencyKey = randomUUID()
    const first = await checkout(buyer, 'song 2', { idempotencyKey })
    const again = await checkout(buyer, 'song 2', { idempotencyKey })
    expect(again.body.id).toBe(first.body.id)
    expect(await checkout(buyer, 'song 3', { idempotencyKey })).toMatchObject({
      status: 422,
      body: { code: 'idempotency-mismatch' },
    })
  })

  test('R-MM-59: ten requests at once with one key open one payment', async () => {
    const idempotencyKey = randomUUID()
    const answers = await Promise.all(Array.from({ length: 10 }, () => checkout(buyer, 'song 4', { idempotencyKey })))
    const ids = new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.id))
    expect(ids.size).toBe(1)
    expect(
      answers.filter(({ status }) => status !== 200).every(({ body }) => body.code === 'idempotency-in-progress'),
    ).toBe(true)
  })

  test('R-MM-59: the same event delivered five times, and told once more under another id, fulfils once', async () => {
    const { body } = await checkout(buyer, 'song 5')
    await pay(body.checkoutAddress, 'duplicate')
    const event = captured(body.id, 4900)
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, async () => ((await (await postWebhook(event)).json()) as { outcome: string }).outcome),
    )
    expect(outcomes.filter((outcome) => outcome !== 'duplicate').length).toBeLessThanOrEqual(1)
    expect(await purchasesOf(buyer, 'song 5')).toHaveLength(1)
    const sales = await asCaller(server.services.db, SERVICE, (tx) =>
      tx.selectFrom('transactions').selectAll().where('payment_id', '=', body.id).execute(),
    )
    expect(sales.map(({ transaction_type, status }) => [transaction_type, status])).toEqual([
      ['track_purchase', 'completed'],
    ])
  })

  test('R-MM-58: a bad signature answers 400 and changes nothing', async () => {
    const { body } = await checkout(buyer, 'song 6')
    const forged = await postWebhook(
      captured(body.id, 4900),
      `t=${Math.floor(server.clock.now() / 1000)},v1=${'0'.repeat(64)}`,
    )
    expect(forged.status).toBe(400)
    expect(forged.headers.get('content-type')).toContain('application/problem+json')
    expect(await purchasesOf(buyer, 'song 6')).toEqual([])
    const [secret] = await server.services.secrets.get('webhook-sandbox')
    const raw = Buffer.from(JSON.stringify(captured(body.id, 4900)))
    const stale = await postWebhook(captured(body.id, 4900), signWebhook(secret, server.clock.now() - 301_000, raw))
    expect(stale.status).toBe(400)
  })

  test('R-MM-58: an event with another amount or currency is kept as failed and grants nothing', async () => {
    const { body } = await checkout(buyer, 'song 7')
    const answer = await postWebhook(captured(body.id, 1))
    expect(await answer.json()).toEqual({ outcome: 'failed' })
    expect(await purchasesOf(buyer, 'song 7')).toEqual([])
    expect((await buyer.call(commerce.getPayment, { paymentId: body.id })).body.status).toBe('pending')
  })

  test('R-MM-58: a client that claims success without paying gets nothing', async () => {
    const { body } = await checkout(buyer, 'song 8')
    const asked = await buyer.call(commerce.getPayment, { paymentId: body.id, status: 'captured' } as {
      paymentId: string
    })
    expect(asked.body.status).toBe('pending')
    expect(await purchasesOf(buyer, 'song 8')).toEqual([])
  })

  test('R-MM-60: a payment can fail, be cancelled, and come late after it was given up: paid is paid', async () => {
    const failing = await checkout(buyer, 'song 9')
    await pay(failing.body.checkoutAddress, 'fail')
    expect((await buyer.call(commerce.getPayment, { paymentId: failing.body.id })).body).toMatchObject({
      status: 'failed',
      checkoutAddress: null,
    })

    const cancelled = await checkout(buyer, 'song 9')
    await pay(cancelled.body.checkoutAddress, 'cancel')
    expect((await buyer.call(commerce.getPayment, { paymentId: cancelled.body.id })).body.status).toBe('cancelled')

    const late = await checkout(buyer, 'song 9')
    await pay(late.body.checkoutAddress, 'late')
    expect((await buyer.call(commerce.getPayment, { paymentId: late.body.id })).body.status).toBe('pending')
    expect((await buyer.call(commerce.cancelPayment, { paymentId: late.body.id })).body.status).toBe('cancelled')
    server.clock.advance(9_000)
    await postWebhook(captured(late.body.id, 4900))
    expect((await buyer.call(commerce.getPayment, { paymentId: late.body.id })).body.status).toBe('captured')
    expect(await purchasesOf(buyer, 'song 9')).toHaveLength(1)
  })

  test('R-MM-57: a lost webhook costs nothing: asking for the payment asks the provider', async () => {
    const { body } = await checkout(buyer, 'song 10')
    await pay(body.checkoutAddress, 'late')
    server.clock.advance(9_000)
    expect((await buyer.call(commerce.getPayment, { paymentId: body.id })).body.status).toBe('captured')
  })

  test('R-MM-23: two checkouts at once for one content end with one purchase, and the other payment is given back', async () => {
    const [one, two] = await Promise.all([checkout(buyer, 'song 11'), checkout(buyer, 'song 11')])
    expect(one.body.id).not.toBe(two.body.id)
    await Promise.all([pay(one.body.checkoutAddress, 'succeed'), pay(two.body.checkoutAddress, 'succeed')])
    await sendDueRefunds(server.services)
    const states = await Promise.all(
      [one, two].map(async ({ body }) => (await buyer.call(commerce.getPayment, { paymentId: body.id })).body),
    )
    expect(states.map(({ status }) => status).sort()).toEqual(['captured', 'refunded'])
    expect(states.find(({ status }) => status === 'refunded')?.failureCode).toBe('already-owned')
    expect(await purchasesOf(buyer, 'song 11')).toHaveLength(1)
  })

  test('R-MM-28: a refund revokes the purchase, and buying again brings the same row back', async () => {
    const first = await checkout(buyer, 'song 12')
    await pay(first.body.checkoutAddress, 'succeed')
    const [before] = await purchasesOf(buyer, 'song 12')
    const refund = captured(first.body.id, 4900)
    await postWebhook({ ...refund, type: 'payment.refunded', payment: { ...refund.payment, status: 'refunded' } })
    expect((await purchasesOf(buyer, 'song 12'))[0]?.revoked_at).toBeInstanceOf(Date)
    const second = await checkout(buyer, 'song 12')
    expect(second.status).toBe(200)
    await pay(second.body.checkoutAddress, 'succeed')
    const after = await purchasesOf(buyer, 'song 12')
    expect(after).toMatchObject([{ id: before?.id, revoked_at: null, payment_id: second.body.id }])
  })

  test("another account's payment is not found, and an overdue payment ends by itself", async () => {
    const stranger = await registeredClient(server.address)
    const { body } = await checkout(buyer, 'song 13')
    expect(await stranger.call(commerce.getPayment, { paymentId: body.id })).toMatchObject({ status: 404 })
    server.clock.advance(31 * 60_000)
    await endOverduePayments(server.services)
    expect((await buyer.call(commerce.getPayment, { paymentId: body.id })).body).toMatchObject({
      status: 'cancelled',
      failureCode: 'expired',
    })
  })
})

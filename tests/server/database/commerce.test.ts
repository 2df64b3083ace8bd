import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { as, PEOPLE, seedPeople } from '../../_kit/people.ts'
import { FIXTURES, make, rowId, seedFixtures } from './fixtures.ts'
import { caller, expectRefusal, server, service } from './refusals.ts'

const { ana, nova } = PEOPLE

describeEachEngine('commerce', (open) => {
  let db: Database
  beforeAll(async () => {
    ;({ db } = await open())
    await seedPeople(db)
    await seedFixtures(db)
  })

  test('R-MM-21: a purchase says who, what, by which payment and when', async () => {
    const [purchase] = await server(db, (tx) =>
      tx
        .insertInto('purchases')
        .values({
          user_id: ana,
          content_type: 'album',
          content_id: rowId('album_packs', 'nova-published'),
          payment_id: rowId('payments', 'ana'),
        })
        .returning(['user_id', 'content_type', 'content_id', 'payment_id', 'created_at', 'revoked_at'])
        .execute(),
    )
    expect(purchase).toEqual({
      user_id: ana,
      content_type: 'album',
      content_id: rowId('album_packs', 'nova-published'),
      payment_id: rowId('payments', 'ana'),
      created_at: expect.any(Date),
      revoked_at: null,
    })
  })

  test('R-MM-21: what does not exist can not be bought', async () => {
    await expectRefusal(
      server(db, (tx) =>
        tx
          .insertInto('purchases')
          .values(make.purchase(ana, rowId('tracks', 'nowhere')))
          .execute(),
      ),
      'foreignKey',
    )
    // A pack's id under the type of a track is not that pack.
    await expectRefusal(
      server(db, (tx) =>
        tx
          .insertInto('purchases')
          .values(make.purchase(ana, rowId('album_packs', 'nova-published')))
          .execute(),
      ),
      'foreignKey',
    )
  })

  test('R-MM-22: the same content is bought once, also of 20 at the same time', async () => {
    const row = { ...make.purchase(PEOPLE.vega, rowId('tracks', 'nova-published')) }
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => server(db, (tx) => tx.insertInto('purchases').values(row).execute())),
    )
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    expect(refused).toHaveLength(19)
    for (const { reason } of refused)
      expect(reason).toMatchObject({ code: '23505', constraint: 'purchases_user_id_content_id_content_type_key' })
  })

  test('R-MM-59: one idempotency key is one payment, and one provider event one row', async () => {
    await expectRefusal(
      server(db, (tx) => tx.insertInto('payments').values(make.payment(ana, 'ana')).execute()),
      'unique',
      'payments_user_id_idempotency_key_key',
    )
    const event = FIXTURES.payment_events?.['event']
    if (event === undefined) throw new Error('No fixture')
    await expectRefusal(
      server(db, (tx) => tx.insertInto('payment_events').values(event).execute()),
      'unique',
      'payment_events_processor_provider_event_id_key',
    )
  })

  test('a transaction’s parts add up to its total', async () => {
    const parts = { amount_total: 100, amount_fees: 10, amount_commission: 40, amount_seller: 50 }
    const record = (values: object) =>
      server(db, (tx) =>
        tx
          .insertInto('transactions')
          .values({
            buyer_id: ana,
            seller_id: nova,
            transaction_type: 'track_purchase',
            currency: 'INR',
            payment_processor: 'sandbox',
            ...parts,
            ...values,
          })
          .execute(),
      )
    await record({})
    await expectRefusal(record({ amount_seller: 51 }), 'check')
    await expectRefusal(record({ amount_commission: 100, amount_seller: -10 }), 'check')
  })

  test('R-MM-70: an account sees no purchase or payment but its own', async () => {
    const seen = await caller(db, as('bo'), async (tx) => ({
      purchases: await tx.selectFrom('purchases').select('user_id').distinct().execute(),
      payments: await tx.selectFrom('payments').select('user_id').distinct().execute(),
      items: await tx.selectFrom('payment_items').select('payment_id').execute(),
    }))
    expect(seen).toEqual({
      purchases: [{ user_id: PEOPLE.bo }],
      payments: [{ user_id: PEOPLE.bo }],
      items: [{ payment_id: rowId('payments', 'bo') }],
    })
  })

  test('R-MM-71: an account sees no subscription and no usage but its own', async () => {
    const seen = await caller(db, as('bo'), async (tx) => ({
      subscriptions: await tx.selectFrom('dj_subscriptions').select('user_id').execute(),
      usage: await tx.selectFrom('subscription_usage').select('subscription_id').execute(),
      status: await tx.selectFrom('dj_subscription_status').select('user_id').execute(),
      membership: await tx.selectFrom('subscriptions').select('user_id').execute(),
    }))
    expect(seen).toEqual({
      subscriptions: [{ user_id: PEOPLE.bo }],
      usage: [{ subscription_id: rowId('dj_subscriptions', 'bo') }],
      status: [{ user_id: PEOPLE.bo }],
      membership: [{ user_id: PEOPLE.bo }],
    })
  })

  test('R-MM-72: an account sees no attempt, token or log but its own', async () => {
    const seen = await caller(db, as('bo'), async (tx) => ({
      attempts: await tx.selectFrom('download_attempts').select('user_id').execute(),
      tokens: await tx.selectFrom('download_tokens').select('user_id').execute(),
      logs: await tx.selectFrom('download_logs').select('user_id').execute(),
    }))
    const own = [{ user_id: PEOPLE.bo }]
    expect(seen).toEqual({ attempts: own, tokens: own, logs: own })
  })

  test('R-MM-74: with an ordinary session an administrator sees own rows only, whatever the claims say', async () => {
    const admin = { ...as('admin'), claims: { app_metadata: { role: 'admin' }, user_role: 'super_admin' } }
    const seen = await caller(db, admin, async (tx) => ({
      purchases: await tx.selectFrom('purchases').select('user_id').execute(),
      subscriptions: await tx.selectFrom('dj_subscriptions').select('user_id').execute(),
      tokens: await tx.selectFrom('download_tokens').select('user_id').execute(),
      earnings: await tx.selectFrom('transactions').select('buyer_id as user_id').execute(),
    }))
    const own = [{ user_id: PEOPLE.admin }]
    expect(seen).toEqual({ purchases: own, subscriptions: own, tokens: own, earnings: own })
  })
  test('R-MM-74: claims can not choose the role or the account of a transaction', async () => {
    const forged = { ...as('bo'), claims: { role: 'service_role', sub: ana } }
    const seen = await caller(db, forged, (tx) => tx.selectFrom('purchases').select('user_id').execute())
    expect(seen).toEqual([{ user_id: PEOPLE.bo }])
  })
  test('R-MM-74: through the service role the server reaches every row', async () => {
    const seen = await service(db, (tx) => tx.selectFrom('dj_subscriptions').select('user_id').execute())
    expect(seen).toHaveLength(3)
  })
})

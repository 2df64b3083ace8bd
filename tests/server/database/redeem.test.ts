import { sql } from 'kysely'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { describeEachEngine, type TestDatabase } from '../../_kit/databases.ts'
import { as, PEOPLE, seedPeople } from '../../_kit/people.ts'
import { make, rowId, seedFixtures, sha256 } from './fixtures.ts'
import { caller, expectRefusal, server, service } from './refusals.ts'

const { ana, bo } = PEOPLE
const ATTEMPT = rowId('download_attempts', 'ana')
const DEVICE = rowId('devices', 'ana')
const HASH = sha256('token of ana')
const TOKEN = rowId('download_tokens', 'ana')
/** The fixture's token lives from 00:00:00 to 00:03:00 of 2026-01-01. */
const ISSUED = Date.parse('2026-01-01T00:00:00Z')
const IN_TIME = ISSUED + 60_000

interface Redemption {
  code: string
  token_id: string | null
  attempt_id: string | null
  object_key: string | null
  object_sha256: string | null
  size_bytes: string | null
}
interface Use {
  hash?: string
  user?: string
  device?: string
  address?: string
  start?: number | null
  end?: number
  at?: number
}

async function redeem(db: Database, use: Use = {}): Promise<Redemption> {
  const { hash = HASH, user = ana, device = DEVICE, address = '127.0.0.1', start = 0, end = 999, at = IN_TIME } = use
  return server(
    db,
    async (tx) => {
      const { rows } = await sql<Redemption>`select * from app.redeem_token(
        ${hash}, ${user}::uuid, ${device}::uuid, ${address}::inet, ${start}::bigint, ${end}::bigint)`.execute(tx)
      const [row] = rows
      if (row === undefined || rows.length > 1) throw new Error(`${rows.length} rows`)
      return row
    },
    at,
  )
}

describeEachEngine('redeeming a token', (open) => {
  let database: TestDatabase
  let db: Database
  beforeAll(async () => {
    database = await open()
    db = database.db
    await seedPeople(db)
    await seedFixtures(db)
  })
  beforeEach(async () => {
    await service(db, async (tx) => {
      await tx.updateTable('devices').set({ revoked_at: null }).execute()
      await tx.updateTable('purchases').set({ revoked_at: null }).execute()
      await tx.updateTable('profiles').set({ status: 'active' }).where('id', '=', ana).execute()
      await tx
        .updateTable('download_attempts')
        .set({
          state: 'reserved',
          settled_at: null,
          bytes_served: 0,
          bytes_reserved: 0,
          networks_v4: [],
          networks_v6: [],
          first_byte_at: null,
        })
        .where('id', '=', ATTEMPT)
        .execute()
      await tx.deleteFrom('download_tokens').where('attempt_id', '=', ATTEMPT).execute()
      await tx
        .insertInto('download_tokens')
        .values({ ...make.token(ana, DEVICE, ATTEMPT, 'ana'), id: TOKEN })
        .execute()
    })
  })
  const tokenRow = () =>
    service(db, (tx) => tx.selectFrom('download_tokens').selectAll().where('id', '=', TOKEN).executeTakeFirstOrThrow())
  const attemptRow = () =>
    service(db, (tx) =>
      tx
        .selectFrom('download_attempts')
        .select(['state', 'bytes_served', 'bytes_reserved', 'first_byte_at'])
        .select(sql<string[]>`networks_v4::text[]`.as('v4'))
        .select(sql<string[]>`networks_v6::text[]`.as('v6'))
        .where('id', '=', ATTEMPT)
        .executeTakeFirstOrThrow(),
    )
  const setAttempt = (values: object) =>
    service(db, (tx) => tx.updateTable('download_attempts').set(values).where('id', '=', ATTEMPT).execute())

  test('R-MM-40: a token has every column of the documents', async () => {
    expect(Object.keys(await tokenRow())).toEqual(
      expect.arrayContaining(['id', 'user_id', 'content_type', 'content_id', 'expires_at', 'used_at', 'ip_address']),
    )
  })
  test.each(['product', 'deliverable', 'order_file'] as const)(
    'R-MM-40: no token is for a %s',
    async (content_type) => {
      await expectRefusal(
        service(db, (tx) => tx.updateTable('download_tokens').set({ content_type }).where('id', '=', TOKEN).execute()),
        'check',
      )
    },
  )

  test.each([
    ['1:59', 119_000, 'download_tokens_min_life'],
    ['5:01', 301_000, 'download_tokens_max_life'],
  ])('R-MM-42: a token that lives %s minutes is refused', async (_life, ms, constraint) => {
    await expectRefusal(
      service(db, (tx) =>
        tx
          .updateTable('download_tokens')
          .set({ expires_at: new Date(ISSUED + ms) })
          .where('id', '=', TOKEN)
          .execute(),
      ),
      'check',
      constraint,
    )
  })
  test.each([120_000, 300_000])('R-MM-42: a token may live %i ms', async (ms) => {
    const expires_at = new Date(ISSUED + ms)
    await service(db, (tx) => tx.updateTable('download_tokens').set({ expires_at }).where('id', '=', TOKEN).execute())
    expect((await redeem(db, { at: ISSUED + ms - 1 })).code).toBe('ok')
  })

  test('R-MM-43: 50 uses at once of one token are one success, through two pools', async () => {
    const second = database.openSecond()
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => redeem(index % 2 === 0 ? db : second)))
    const codes = outcomes.map(({ code }) => code).sort()
    expect(codes).toEqual(['ok', ...Array.from({ length: 49 }, () => 'token-used')])
    expect(await attemptRow()).toMatchObject({ state: 'active', bytes_reserved: '1000' })
  })

  test('R-MM-47: no account can make itself a token, or call what redeems one', async () => {
    await expectRefusal(
      caller(db, as('ana'), (tx) =>
        tx
          .insertInto('download_tokens')
          .values(make.token(ana, DEVICE, ATTEMPT, 'forged'))
          .execute(),
      ),
      'rights',
    )
    await expectRefusal(
      caller(db, as('ana'), (tx) =>
        sql`select app.redeem_token(${HASH}, ${ana}, ${DEVICE}, '127.0.0.1', 0, 999)`.execute(tx),
      ),
      'rights',
    )
  })

  test('a success uses the token and reserves the range', async () => {
    expect(await redeem(db, { start: 100, end: 299 })).toMatchObject({
      code: 'ok',
      token_id: TOKEN,
      attempt_id: ATTEMPT,
    })
    expect(await tokenRow()).toMatchObject({
      used_at: new Date(IN_TIME),
      is_used: true,
      used_ip: '127.0.0.1',
      bytes_reserved: '200',
    })
    expect(await attemptRow()).toEqual({
      state: 'active',
      bytes_served: '0',
      bytes_reserved: '200',
      first_byte_at: new Date(IN_TIME),
      v4: ['127.0.0.1/32'],
      v6: [],
    })
  })

  describe('a refusal uses nothing, and says which', () => {
    const revokeDevice = () =>
      service(db, (tx) => tx.updateTable('devices').set({ revoked_at: new Date() }).where('id', '=', DEVICE).execute())
    const refund = () => service(db, (tx) => tx.updateTable('purchases').set({ revoked_at: new Date() }).execute())
    const suspend = () =>
      service(db, (tx) => tx.updateTable('profiles').set({ status: 'suspended' }).where('id', '=', ana).execute())
    const settle = (state: string) => setAttempt({ state, settled_at: new Date(IN_TIME) })

    const CASES: readonly [code: string, why: string, use: Use, prepare?: () => Promise<unknown>][] = [
      ['token-unknown', 'nobody issued it', { hash: sha256('guessed') }],
      ['token-expired', 'the very moment of its end', { at: ISSUED + 180_000 }],
      ['token-wrong-device', 'another device', { device: rowId('devices', 'bo') }],
      ['token-wrong-device', 'another account', { user: bo }],
      ['device-revoked', 'the device was removed', {}, revokeDevice],
      ['account-suspended', 'the account is suspended', {}, suspend],
      ['content-revoked', 'the purchase was refunded', {}, refund],
      ['content-revoked', 'the attempt was revoked', {}, () => settle('revoked')],
      ['attempt-closed', 'the attempt was given back', {}, () => settle('released')],
      ['attempt-closed', 'the attempt has delivered', {}, () => settle('delivered')],
      ['attempt-closed', 'its window has passed', {}, () => setAttempt({ closes_at: new Date(IN_TIME) })],
      ['range-not-granted', 'one byte too many', { end: 1000 }],
      ['range-not-granted', 'nothing at all', { start: 10, end: 9 }],
      ['range-not-granted', 'no range', { start: null }],
      ['ip-locked', 'another network', { address: '127.0.0.2' }, () => setAttempt({ networks_v4: ['127.0.0.1/32'] })],
      ['byte-budget', 'one byte over', {}, () => setAttempt({ bytes_served: 4000, bytes_reserved: 1 })],
    ]
    test.each(CASES)('%s: %s', async (code, _why, use, prepare) => {
      await service(db, (tx) =>
        tx
          .updateTable('download_attempts')
          .set({ closes_at: new Date('2100-01-01T00:00:00Z') })
          .where('id', '=', ATTEMPT)
          .execute(),
      )
      await prepare?.()
      const before = await attemptRow()
      expect((await redeem(db, use)).code).toBe(code)
      expect((await tokenRow()).used_at).toBeNull()
      expect(await attemptRow()).toEqual(before)
      await setAttempt({ closes_at: new Date('2100-01-01T00:00:00Z') })
    })

    test('the order of refusals: used before expired, expired before the device, the device before the rest', async () => {
      await redeem(db)
      const late = { at: ISSUED + 999_000, device: rowId('devices', 'bo'), end: 5000 }
      expect((await redeem(db, late)).code).toBe('token-used')
      await service(db, (tx) =>
        tx.updateTable('download_tokens').set({ used_at: null }).where('id', '=', TOKEN).execute(),
      )
      await revokeDevice()
      await refund()
      expect((await redeem(db, late)).code).toBe('token-expired')
      expect((await redeem(db, { ...late, at: IN_TIME })).code).toBe('token-wrong-device')
      expect((await redeem(db, { end: 5000 })).code).toBe('device-revoked')
    })
  })

  test('R-MM-44: the first use locks the attempt to a network, each family by itself', async () => {
    expect((await redeem(db, { address: '::ffff:127.0.0.1' })).code).toBe('ok')
    expect(await attemptRow()).toMatchObject({ v4: ['127.0.0.1/32'], v6: [] })
    await service(db, (tx) =>
      tx
        .insertInto('download_tokens')
        .values(['v6', 'v6 again'].map((name) => make.token(ana, DEVICE, ATTEMPT, name)))
        .execute(),
    )
    const v6 = { hash: sha256('token of v6'), address: '2001:db8:0:1::5', end: 9 }
    expect((await redeem(db, v6)).code).toBe('ok')
    expect(await attemptRow()).toMatchObject({ v6: ['2001:db8:0:1::/64'] })
    const again = { ...v6, hash: sha256('token of v6 again') }
    expect((await redeem(db, { ...again, address: '2001:db8:0:2::5' })).code).toBe('ip-locked')
    expect((await redeem(db, { ...again, address: '2001:db8:0:1:ffff::9' })).code).toBe('ok')
  })

  test('R-MM-44: two first uses from two networks at once are one success and one lock', async () => {
    await service(db, (tx) =>
      tx
        .insertInto('download_tokens')
        .values(make.token(ana, DEVICE, ATTEMPT, 'rival'))
        .execute(),
    )
    const second = database.openSecond()
    const outcomes = await Promise.all([
      redeem(db, { address: '127.0.0.1', end: 9 }),
      redeem(second, { address: '127.0.0.2', end: 9, hash: sha256('token of rival') }),
    ])
    expect(outcomes.map(({ code }) => code).sort()).toEqual(['ip-locked', 'ok'])
  })

  test('a repair token works on a delivered attempt, from what is left of its budget', async () => {
    await setAttempt({ state: 'delivered', settled_at: new Date(IN_TIME), bytes_served: 4500 })
    await service(db, (tx) =>
      tx.updateTable('download_tokens').set({ is_repair: true }).where('id', '=', TOKEN).execute(),
    )
    expect((await redeem(db, { end: 500 })).code).toBe('byte-budget')
    expect((await redeem(db, { end: 499 })).code).toBe('ok')
    expect((await attemptRow()).state).toBe('delivered')
  })

  describe('counting bytes', () => {
    const count = (bytes: number) =>
      server(db, async (tx) => {
        const { rows } = await sql<{ go: boolean }>`select app.count_served(${TOKEN}, ${bytes}) as go`.execute(tx)
        return rows[0]?.go
      })
    const close = () => server(db, (tx) => sql`select app.close_token(${TOKEN}, 'client_gone')`.execute(tx))

    test('moves what is sent from reserved to served, and gives the rest back at the end, once', async () => {
      await redeem(db)
      expect(await count(300)).toBe(true)
      expect(await attemptRow()).toMatchObject({ bytes_served: '300', bytes_reserved: '700' })
      await close()
      await close()
      expect(await attemptRow()).toMatchObject({ bytes_served: '300', bytes_reserved: '0' })
      expect(await tokenRow()).toMatchObject({ bytes_sent: '300', outcome: 'client_gone' })
    })
    test('counts the first bytes with the use, and gives back what of them was not sent; not after the end', async () => {
      const closeWith = (unsent: number) =>
        server(db, (tx) => sql`select app.close_token(${TOKEN}, 'client_gone', ${unsent}::bigint)`.execute(tx))
      const use = sql`select app.redeem_token(${HASH}, ${ana}, ${DEVICE}, '127.0.0.1', 0, 999, 400)`
      await server(db, (tx) => use.execute(tx), IN_TIME)
      expect(await attemptRow()).toMatchObject({ bytes_served: '400', bytes_reserved: '600' })
      expect(await count(600)).toBe(true)
      await closeWith(700)
      expect(await attemptRow()).toMatchObject({ bytes_served: '300', bytes_reserved: '0' })
      expect(await tokenRow()).toMatchObject({ bytes_sent: '300' })
      await closeWith(100)
      expect(await attemptRow()).toMatchObject({ bytes_served: '300' })
    })
    test('never counts more than was reserved, nor anything after the end', async () => {
      await redeem(db)
      expect(await count(1001)).toBe(false)
      await close()
      expect(await count(1)).toBe(false)
      expect(await attemptRow()).toMatchObject({ bytes_served: '0' })
    })
    test('says stop once the attempt is closed', async () => {
      await redeem(db)
      await setAttempt({ state: 'released', settled_at: new Date(IN_TIME) })
      expect(await count(1)).toBe(false)
    })
    test('adds up when blocks are counted at once', async () => {
      await redeem(db)
      await Promise.all(Array.from({ length: 20 }, () => count(50)))
      expect(await attemptRow()).toMatchObject({ bytes_served: '1000', bytes_reserved: '0' })
    })
  })

  test('one account, content and device has one open attempt, also of 20 at once', async () => {
    const device = rowId('devices', 'bo')
    const row = make.attempt(bo, device, rowId('tracks', 'vega-draft'))
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => server(db, (tx) => tx.insertInto('download_attempts').values(row).execute())),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await service(db, (tx) =>
      tx
        .updateTable('download_attempts')
        .set({ state: 'delivered', settled_at: new Date() })
        .where('content_id', '=', rowId('tracks', 'vega-draft'))
        .execute(),
    )
    await server(db, (tx) => tx.insertInto('download_attempts').values(row).execute())
  })
})

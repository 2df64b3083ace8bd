import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { asLocalSignIn } from '../../../server/db/transaction.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { as, PEOPLE, seedPeople } from '../../_kit/people.ts'
import { caller, expectRefusal, service } from './refusals.ts'

/** The columns that requirement R-SD-01 lists. */
const USER_COLUMNS = [
  'id',
  'email',
  'encrypted_password',
  'email_confirmed_at',
  'invited_at',
  'confirmation_token',
  'recovery_token',
  'email_change_token_new',
  'email_change',
  'last_sign_in_at',
  'raw_app_meta_data',
  'raw_user_meta_data',
  'is_super_admin',
  'created_at',
  'updated_at',
  'phone',
  'phone_confirmed_at',
  'phone_change',
  'phone_change_token',
  'email_change_token_current',
  'email_change_confirm_status',
  'banned_until',
  'reauthentication_token',
  'reauthentication_sent_at',
  'is_sso_user',
  'deleted_at',
]
const NOBODY = '00000000-0000-4000-8000-00000000ffff'

describeEachEngine('accounts', (open) => {
  let db: Database
  beforeAll(async () => {
    ;({ db } = await open())
    await seedPeople(db)
  })
  const signUp = (id: string, email: string) =>
    asLocalSignIn(db, (tx) => tx.insertInto('auth.users').values({ id, email }).execute())
  const profileOf = (id: string) =>
    service(db, (tx) => tx.selectFrom('profiles').selectAll().where('id', '=', id).executeTakeFirst())

  test('R-SD-01: the local sign-in table has every column of Supabase’s', async () => {
    const { rows } = await sql<{ name: string }>`select attname as name from pg_attribute a
      join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'auth' and c.relname = 'users' and attnum > 0`.execute(db)
    const names = rows.map(({ name }) => name)
    expect(USER_COLUMNS.filter((column) => !names.includes(column))).toEqual([])
  })

  test('R-MM-01: a profile is an account of the sign-in, or the database refuses it', async () => {
    await expectRefusal(
      service(db, (tx) => tx.insertInto('profiles').values({ id: NOBODY, email: 'no@people.example' }).execute()),
      'foreignKey',
      'profiles_id_fkey',
    )
  })

  test('R-MM-01: a deleted account leaves no orphan profile', async () => {
    await signUp(NOBODY, 'gone@people.example')
    expect(await profileOf(NOBODY)).toBeDefined()
    await asLocalSignIn(db, (tx) => tx.deleteFrom('auth.users').where('id', '=', NOBODY).execute())
    expect(await profileOf(NOBODY)).toBeUndefined()
    const left = await service(db, (tx) =>
      tx.selectFrom('wallets').select('id').where('user_id', '=', NOBODY).executeTakeFirst(),
    )
    expect(left).toBeUndefined()
  })

  test('R-MM-02: a new user has role user, status active and empty metadata', async () => {
    const profile = await caller(db, as('ana'), (tx) =>
      tx.selectFrom('profiles').select(['id', 'full_name', 'role', 'status', 'metadata']).executeTakeFirstOrThrow(),
    )
    expect(profile).toEqual({ id: PEOPLE.ana, full_name: 'ana', role: 'user', status: 'active', metadata: {} })
  })

  test('R-MM-03: roles and states outside the known ones are refused', async () => {
    await expectRefusal(
      service(db, (tx) => sql`update profiles set role = 'king' where id = ${PEOPLE.ana}`.execute(tx)),
      'enumValue',
    )
    await expectRefusal(
      service(db, (tx) => tx.updateTable('profiles').set({ status: 'odd' }).where('id', '=', PEOPLE.ana).execute()),
      'check',
    )
  })

  test.each(['role', 'status'] as const)('R-MM-03: nobody sets the own %s', async (column) => {
    await expectRefusal(
      caller(db, as('ana'), (tx) =>
        sql`update profiles set ${sql.ref(column)} = ${sql.ref(column)} where id = ${PEOPLE.ana}`.execute(tx),
      ),
      'rights',
    )
  })

  test('R-MM-03: the service role grants a role, and the profile shows the highest', async () => {
    await service(db, (tx) =>
      tx
        .insertInto('user_roles')
        .values([
          { user_id: PEOPLE.bo, role: 'author' },
          { user_id: PEOPLE.bo, role: 'dj' },
        ])
        .execute(),
    )
    expect((await profileOf(PEOPLE.bo))?.role).toBe('author')
    await service(db, (tx) => tx.deleteFrom('user_roles').where('user_id', '=', PEOPLE.bo).execute())
    expect((await profileOf(PEOPLE.bo))?.role).toBe('user')
    expect((await profileOf(PEOPLE.admin))?.role).toBe('admin')
  })

  test('R-MM-63: every profile has a wallet, made in the transaction that made the account', async () => {
    const { rows } = await service(db, (tx) =>
      sql`select p.email from profiles p left join wallets w on w.user_id = p.id
        left join subscriptions s on s.user_id = p.id and s.tier = 'basic'
        left join user_profiles u on u.user_id = p.id
        where w.id is null or s.id is null or u.id is null`.execute(tx),
    )
    expect(rows).toEqual([])
    const undo = new Error('taken back')
    await asLocalSignIn(db, async (tx) => {
      await tx.insertInto('auth.users').values({ id: NOBODY, email: 'never@people.example' }).execute()
      throw undo
    }).catch((error: unknown) => expect(error).toBe(undo))
    expect(await profileOf(NOBODY)).toBeUndefined()
  })

  test('R-MM-63: one account has one wallet', async () => {
    await expectRefusal(
      service(db, (tx) => tx.insertInto('wallets').values({ user_id: PEOPLE.ana }).execute()),
      'unique',
    )
  })

  test('a changed e-mail address arrives in the profile, in lower case', async () => {
    await asLocalSignIn(db, (tx) =>
      tx.updateTable('auth.users').set({ email: 'Bo.New@People.example' }).where('id', '=', PEOPLE.bo).execute(),
    )
    expect((await profileOf(PEOPLE.bo))?.email).toBe('bo.new@people.example')
  })

  test('a ban of the persona bans the account, and its lifting lifts it', async () => {
    const ban = (is_banned: boolean) =>
      service(db, (tx) => tx.updateTable('user_profiles').set({ is_banned }).where('user_id', '=', PEOPLE.bo).execute())
    await ban(true)
    expect((await profileOf(PEOPLE.bo))?.status).toBe('banned')
    await ban(false)
    expect((await profileOf(PEOPLE.bo))?.status).toBe('active')
  })

  test('a change writes updated_at with the transaction’s time', async () => {
    const before = await profileOf(PEOPLE.vega)
    await service(db, (tx) =>
      tx.updateTable('profiles').set({ full_name: 'Vega' }).where('id', '=', PEOPLE.vega).execute(),
    )
    const after = await profileOf(PEOPLE.vega)
    expect(after?.updated_at.getTime()).toBeGreaterThan(before?.updated_at.getTime() ?? 0)
    expect(after?.created_at).toEqual(before?.created_at)
  })
})

import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { readMigrations } from '../../../server/db/migrate.ts'
import { asCaller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { describeEachEngine } from '../../_kit/databases.ts'
import { ANON, as, seedPeople } from '../../_kit/people.ts'

/** Everything in our schemas that a client's role may execute. A function that is not named here is the server's alone. */
const EXECUTABLE: Readonly<Record<string, readonly string[]>> = {
  anon: ['app.now()', 'app.search_form(text)', 'app.today()'],
  authenticated: [
    'app.caller_has(content_type,uuid)',
    'app.caller_is_active()',
    'app.caller_is_approved_dj()',
    'app.now()',
    'app.search_form(text)',
    'app.today()',
  ],
  service_role: ['app.now()', 'app.search_form(text)', 'app.today()'],
}

/** Functions that run with their owner's rights and are no triggers: each reaches what no role of ours may. */
const OWNERS_RIGHTS = ['app.end_session(uuid,uuid)', 'app.session_begun_at(uuid,uuid)']

/** Columns that no client may read, own rows included. */
const SECRET_COLUMNS: readonly (readonly [table: string, column: string])[] = [
  ['tracks', 'file_key'],
  ['tracks', 'sha256'],
  ['album_packs', 'file_key'],
  ['album_packs', 'sha256'],
  ['fan_uploads', 'file_key'],
  ['fan_uploads', 'sha256'],
  ['objects', 'key'],
  ['objects', 'sha256'],
  ['content_files', 'object_sha256'],
  ['download_tokens', 'token_hash'],
  ['download_attempts', 'object_sha256'],
  ['download_attempts', 'networks_v4'],
  ['devices', 'public_key'],
  ['admin_users', 'password_hash'],
  ['payments', 'provider_payment_id'],
  ['payments', 'request_hash'],
  ['payment_events', 'payload'],
  ['subscriptions', 'customer_id'],
  ['wallets', 'stripe_account_id'],
  ['dj_profiles', 'rejection_reason'],
  ['user_profiles', 'ban_reason'],
  ['email_outbox', 'payload'],
  ['idempotency_keys', 'response'],
  ['app.server_secrets', 'value'],
]

describe('the text of the migrations', () => {
  test('only app.now() reads the clock, so that every expiry can be tested by moving it', async () => {
    const clocks =
      /(?<!app\.)\bnow\s*\(|\b(clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|current_date|current_timestamp|current_time|localtimestamp|localtime)\b/gi
    const allowed = [
      "create function app.now() returns timestamptz language sql stable set search_path = '' as\n  $$ select clock_timestamp() $$;",
      "create or replace function app.now() returns timestamptz language plpgsql stable set search_path = '' as\n  $$ begin return clock_timestamp(); end $$;",
    ]
    const found: string[] = []
    for (const { name, text } of await readMigrations()) {
      const code = allowed.reduce((rest, definition) => rest.replace(definition, ''), text).replace(/--.*$/gm, '')
      for (const [hit] of code.matchAll(clocks)) found.push(`${name}: ${hit}`)
    }
    expect(found).toEqual([])
  })

  test('versions are times in ascending order, and no two are alike', async () => {
    const versions = (await readMigrations()).map(({ version }) => version)
    expect(versions).toEqual([...new Set(versions)].sort())
    for (const version of versions) expect(version).toMatch(/^\d{14}$/)
  })
})

describeEachEngine(
  'the schema',
  (open) => {
    let db: Database
    beforeAll(async () => {
      ;({ db } = await open())
      await seedPeople(db)
    })
    const list = async (query: ReturnType<typeof sql<{ name: string }>>) => {
      const { rows } = await query.execute(db)
      return rows.map(({ name }) => name)
    }

    test('row level security is on for every table, and binds the owner', async () => {
      const open = await list(sql`select oid::regclass::text as name from pg_class
        where relkind in ('r', 'p') and relnamespace in ('public'::regnamespace, 'app'::regnamespace)
          and not (relrowsecurity and relforcerowsecurity)`)
      expect(open).toEqual([])
    })

    test('no policy lets a client write whatever it likes', async () => {
      const careless = await list(sql`select tablename || '.' || policyname as name from pg_policies
        where schemaname = 'public' and cmd <> 'SELECT' and not roles = '{mixmint_server}'
          and (qual = 'true' or with_check = 'true' or 'public' = any(roles))`)
      expect(careless).toEqual([])
    })

    test('no policy trusts metadata that users write', async () => {
      const trusting = await list(sql`select tablename || '.' || policyname as name from pg_policies
        where coalesce(qual, '') || coalesce(with_check, '') like '%metadata%'`)
      expect(trusting).toEqual([])
    })

    test('every view runs with the rights of who asks', async () => {
      const plain = await list(sql`select oid::regclass::text as name from pg_class
        where relkind = 'v' and relnamespace in ('public'::regnamespace, 'app'::regnamespace)
          and not coalesce('security_invoker=true' = any(reloptions), false)`)
      expect(plain).toEqual([])
    })

    test('every function has a search path of its own', async () => {
      const loose = await list(sql`select oid::regprocedure::text as name from pg_proc
        where pronamespace in ('public'::regnamespace, 'app'::regnamespace)
          and not coalesce('search_path=""' = any(proconfig), false)`)
      expect(loose).toEqual([])
    })

    test('a function with its owner’s rights is a trigger, which nobody can call, or declared and the server’s alone', async () => {
      const callable = await list(sql`select oid::regprocedure::text as name from pg_proc
        where pronamespace in ('public'::regnamespace, 'app'::regnamespace) and prosecdef and prorettype <> 'trigger'::regtype
        order by oid::regprocedure::text collate "C"`)
      expect(callable).toEqual(OWNERS_RIGHTS)
      const shared = await list(sql`select oid::regprocedure::text || ' by ' || role as name
        from pg_proc, unnest(array['anon', 'authenticated', 'service_role']) as role
        where oid::regprocedure::text = any(${OWNERS_RIGHTS}) and has_function_privilege(role, oid, 'execute')`)
      expect(shared).toEqual([])
    })

    test.each(Object.keys(EXECUTABLE))('%s may execute exactly the declared functions', async (role) => {
      const executable = await list(sql`select oid::regprocedure::text as name from pg_proc
        where pronamespace in ('public'::regnamespace, 'app'::regnamespace) and has_function_privilege(${role}, oid, 'execute')
        order by oid::regprocedure::text collate "C"`)
      expect(executable.map((name) => name.replace('public.', ''))).toEqual(EXECUTABLE[role])
    })

    test('R-MM-14: file keys and other secrets can be read by no client', async () => {
      const readable: string[] = []
      for (const caller of [ANON, as('ana'), as('nova'), as('admin')])
        for (const [table, column] of SECRET_COLUMNS) {
          const code = await refusalOf(db, caller, (tx) =>
            sql`select ${sql.ref(column)} from ${sql.table(table)}`.execute(tx),
          )
          if (code !== '42501') readable.push(`${table}.${column}: ${code}`)
        }
      expect(readable).toEqual([])
    })

    test('R-MM-14: a whole row with its file key can not be read either', async () => {
      for (const table of ['tracks', 'album_packs', 'fan_uploads'] as const)
        expect(await refusalOf(db, as('nova'), (tx) => tx.selectFrom(table).selectAll().execute())).toBe('42501')
    })

    test('every table has a uuid key, created_at and updated_at', async () => {
      const incomplete = await list(sql`select c.relname as name from pg_class c
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and 3 <> (
          select count(*) from pg_attribute a where a.attrelid = c.oid and (a.attname, a.atttypid::regtype::text) in
            (('id', 'uuid'), ('created_at', 'timestamp with time zone'), ('updated_at', 'timestamp with time zone')))`)
      expect(incomplete).toEqual([])
    })

    test('every foreign key has an index that begins with it', async () => {
      const slow = await list(sql`select c.conrelid::regclass || '.' || a.attname as name from pg_constraint c
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
        where c.contype = 'f' and c.connamespace = 'public'::regnamespace
          and not exists (select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1] and i.indpred is null)`)
      expect(slow).toEqual([])
    })

    test('amounts are whole minor units with a currency of three letters', async () => {
      const columns = sql`pg_attribute a join pg_class c on c.oid = a.attrelid
        where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0`
      const amounts = sql`a.attname similar to '(%_minor|amount_%|balance_%|total_earned%|total_withdrawn%)'`
      const currencies = sql`a.attname in ('currency', 'default_currency')`
      const named = sql`c.relname || '.' || a.attname as name`
      expect(await list(sql`select ${named} from ${columns} and ${amounts}`)).toContain('tracks.price_minor')
      expect(await list(sql`select ${named} from ${columns} and ${currencies}`)).toContain('tracks.currency')
      const fractional = await list(
        sql`select ${named} from ${columns} and ${amounts} and a.atttypid <> 'int8'::regtype`,
      )
      const loose = await list(sql`select ${named} from ${columns} and ${currencies}
        and format_type(a.atttypid, a.atttypmod) <> 'character(3)'`)
      expect([...fractional, ...loose]).toEqual([])
    })
  },
  ['PGlite', 'PostgreSQL'],
)

async function refusalOf(
  db: Database,
  caller: Parameters<typeof asCaller>[1],
  work: (tx: ServerTransaction) => Promise<unknown>,
): Promise<string> {
  return asCaller(db, caller, work).then(
    () => 'allowed',
    (error: { code?: string }) => error.code ?? String(error),
  )
}

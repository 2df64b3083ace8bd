import { expect } from 'vitest'
import type { Database } from '../../../server/db/database.ts'
import { asCaller, asServer, type Caller, type ServerTransaction } from '../../../server/db/transaction.ts'
import { ANON, SERVICE } from '../../_kit/people.ts'

/** SQLSTATE codes by what they mean here. */
export const CODES = {
  check: '23514',
  unique: '23505',
  foreignKey: '23503',
  notNull: '23502',
  enumValue: '22P02',
  rights: '42501',
  appendOnly: '55000',
  readOnly: '25006',
} as const

/** Expects the database to refuse `work` for a named reason, and the named constraint where one is given. */
export async function expectRefusal(
  work: Promise<unknown>,
  reason: keyof typeof CODES,
  constraint?: string,
): Promise<void> {
  const refusal = await work.then(
    () => ({ code: 'accepted', constraint: undefined }),
    (error: { code?: string; constraint?: string }) => error,
  )
  expect(refusal.code).toBe(CODES[reason])
  if (constraint !== undefined) expect(refusal.constraint).toBe(constraint)
}

/** A transaction of the service role, as tests use it to set a scene. */
export function service<T>(db: Database, work: (tx: ServerTransaction) => Promise<T>): Promise<T> {
  return asCaller(db, SERVICE, work)
}

/** A transaction with the server's own rights; `at` is its time. */
export function server<T>(db: Database, work: (tx: ServerTransaction) => Promise<T>, at?: number): Promise<T> {
  return asCaller(db, ANON, (tx) => asServer(tx, work), at === undefined ? {} : { clock: { now: () => at } })
}

export function caller<T>(db: Database, who: Caller, work: (tx: ServerTransaction) => Promise<T>): Promise<T> {
  return asCaller(db, who, work)
}

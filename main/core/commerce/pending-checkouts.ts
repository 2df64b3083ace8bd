import { createHash } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { ContentRef } from '../../../contract/values.ts'
import type { LocalMigration } from '../local-db/local-migration.ts'

export const commerceMigrations: readonly LocalMigration[] = [
  {
    name: 'commerce-1-pending-checkouts',
    sql: `create table pending_checkouts (
      items_hash text primary key,
      idempotency_key text not null,
      payment_id text,
      created_at integer not null
    ) strict`,
  },
]

/** A checkout that was begun here: the key makes every further try the same one, so that a lost answer never buys twice. */
export interface PendingCheckout {
  readonly idempotencyKey: string
  readonly paymentId: string | null
}

export function findPendingCheckout(db: DatabaseSync, itemsHash: string): PendingCheckout | null {
  const row = db
    .prepare('select idempotency_key, payment_id from pending_checkouts where items_hash = ?')
    .get(itemsHash)
  if (row === undefined) return null
  const { idempotency_key: idempotencyKey, payment_id: paymentId } = row
  return { idempotencyKey: String(idempotencyKey), paymentId: paymentId === null ? null : String(paymentId) }
}

export function addPendingCheckout(db: DatabaseSync, itemsHash: string, idempotencyKey: string, now: number): void {
  db.prepare('insert into pending_checkouts (items_hash, idempotency_key, created_at) values (?, ?, ?)').run(
    itemsHash,
    idempotencyKey,
    now,
  )
}

export function setPendingPayment(db: DatabaseSync, itemsHash: string, paymentId: string): void {
  db.prepare('update pending_checkouts set payment_id = ? where items_hash = ?').run(paymentId, itemsHash)
}

export function removePendingCheckout(db: DatabaseSync, itemsHash: string): void {
  db.prepare('delete from pending_checkouts where items_hash = ?').run(itemsHash)
}

export function removePendingPayment(db: DatabaseSync, paymentId: string): void {
  db.prepare('delete from pending_checkouts where payment_id = ?').run(paymentId)
}

/** The same for the same items in any order. */
export function hashItems(items: readonly ContentRef[]): string {
  const names = items.map(({ contentType, contentId }) => `${contentType}:${contentId}`).sort()
  return createHash('sha256').update(names.join('\n')).digest('hex')
}

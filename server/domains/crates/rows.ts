import { sql } from 'kysely'
import type { ContentRef } from '../../../contract/values.ts'
import type { ServerTransaction } from '../../db/transaction.ts'

export interface CrateRow {
  readonly id: string
  readonly name: string
  readonly sort_order: number
  readonly revision: string
  readonly updated_at: Date
  readonly items: readonly ContentRef[]
}

const COLUMNS = sql`c.id, c.name, c.sort_order, c.revision, c.updated_at,
  (select coalesce(json_agg(json_build_object('contentType', i.content_type, 'contentId', i.content_id) order by i.position), '[]')
    from crate_items i where i.crate_id = c.id) as items`

/** The crates of an account in their order. */
export async function selectCrates(tx: ServerTransaction, userId: string): Promise<CrateRow[]> {
  const { rows } = await sql<CrateRow>`
    select ${COLUMNS} from crates c where c.user_id = ${userId} order by c.sort_order, c.created_at, c.id`.execute(tx)
  return rows
}

export async function selectCrate(
  tx: ServerTransaction,
  userId: string,
  crateId: string,
): Promise<CrateRow | undefined> {
  const { rows } = await sql<CrateRow>`
    select ${COLUMNS} from crates c where c.user_id = ${userId} and c.id = ${crateId}`.execute(tx)
  return rows[0]
}

/** Locks a crate against other savers until the transaction ends; false when the account has no such crate. */
export async function lockCrate(tx: ServerTransaction, userId: string, crateId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('crates')
    .select('id')
    .where('id', '=', crateId)
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  return row !== undefined
}

/** Adds a crate after the others of the account. */
export async function insertCrate(
  tx: ServerTransaction,
  crate: { id: string; userId: string; name: string },
): Promise<void> {
  await sql`insert into crates (id, user_id, name, sort_order)
    select ${crate.id}::uuid, ${crate.userId}::uuid, ${crate.name}, coalesce(max(c.sort_order) + 1, 0)
    from crates c where c.user_id = ${crate.userId}`.execute(tx)
}

export async function renameCrate(tx: ServerTransaction, crateId: string, name: string): Promise<void> {
  await tx.updateTable('crates').set({ name }).where('id', '=', crateId).execute()
}

/** Puts these items, in this order, in place of what the crate held. */
export async function replaceItems(
  tx: ServerTransaction,
  crateId: string,
  items: readonly ContentRef[],
): Promise<void> {
  await tx.deleteFrom('crate_items').where('crate_id', '=', crateId).execute()
  if (items.length === 0) return
  await sql`insert into crate_items (crate_id, content_type, content_id, position)
    select ${crateId}::uuid, i.content_type::content_type, i.content_id, (i.place - 1)::int
    from unnest(${items.map(({ contentType }) => contentType)}::text[], ${items.map(({ contentId }) => contentId)}::uuid[])
      with ordinality as i (content_type, content_id, place)`.execute(tx)
}

export async function deleteCrate(tx: ServerTransaction, userId: string, crateId: string): Promise<void> {
  await tx.deleteFrom('crates').where('id', '=', crateId).where('user_id', '=', userId).execute()
}

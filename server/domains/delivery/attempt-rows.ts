import { type RawBuilder, sql } from 'kysely'
import type { AttemptState } from '../../../contract/delivery.ts'
import type { ContentType } from '../../../contract/values.ts'
import { last, type PrivilegedTransaction } from '../../db/transaction.ts'
import type { FileFormat } from '../catalogue/public.ts'
import type { Attempt, Holder } from './attempt.ts'
import { COUNTED_STATES, WINDOW_MS } from './rules.ts'

export interface AttemptRow {
  readonly id: string
  readonly user_id: string
  readonly device_id: string
  readonly content_type: ContentType
  readonly content_id: string
  readonly format: FileFormat
  readonly object_sha256: string
  readonly size_bytes: string
  readonly state: AttemptState
  readonly access_source: Attempt['source']
  readonly subscription_usage_id: string | null
  readonly closes_at: Date
  readonly settled_at: Date | null
  readonly bytes_served: string
  readonly byte_budget: string
  readonly networks_v4: string[]
  readonly networks_v6: string[]
  readonly rebinds: number
  readonly is_withdrawn: boolean
}

const COLUMNS = sql`a.id, a.user_id, a.device_id, a.content_type, a.content_id, a.format, a.object_sha256, a.size_bytes, a.state, a.access_source,
  a.subscription_usage_id, a.closes_at, a.settled_at, a.bytes_served, a.byte_budget, a.networks_v4::text[] as networks_v4,
  a.networks_v6::text[] as networks_v6, a.rebinds`
const ATTEMPT = sql`${COLUMNS}, app.access_is_withdrawn(a) as is_withdrawn`
const WINDOW = sql`app.now() + make_interval(secs => ${WINDOW_MS / 1000})`

export function toAttempt(row: AttemptRow): Attempt {
  return {
    id: row.id,
    userId: row.user_id,
    deviceId: row.device_id,
    ref: { contentType: row.content_type, contentId: row.content_id },
    format: row.format,
    objectSha256: row.object_sha256,
    sizeBytes: Number(row.size_bytes),
    state: row.state,
    source: row.access_source,
    usageId: row.subscription_usage_id,
    closesAt: row.closes_at.getTime(),
    settledAt: row.settled_at?.getTime() ?? null,
    bytesServed: Number(row.bytes_served),
    byteBudget: Number(row.byte_budget),
    networks: { 4: row.networks_v4, 6: row.networks_v6 },
    rebinds: row.rebinds,
    isWithdrawn: row.is_withdrawn,
  }
}

/** Makes decisions about an account's attempts on one content follow each other. Taken before any row of them is locked. */
export async function lockHolder(tx: PrivilegedTransaction, { userId, ref }: Holder): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(
    'delivery ' || ${userId}::uuid || ' ' || ${ref.contentType}::text || ' ' || ${ref.contentId}::uuid, 0))`.execute(tx)
}

/** The same for the holders of attempts, of those that are this account's and device's; always in one order, so that two never wait for each other. */
async function lockHoldersOf(
  tx: PrivilegedTransaction,
  ids: readonly string[],
  { userId, deviceId }: Owner,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(holder.key) from (
      select distinct hashtextextended('delivery ' || a.user_id || ' ' || a.content_type || ' ' || a.content_id, 0) as key
      from download_attempts a where a.id = any(${[...ids]}::uuid[]) and a.user_id = ${userId} and a.device_id = ${deviceId}
      order by key
    ) as holder`.execute(tx)
}

interface Owner {
  readonly userId: string
  readonly deviceId: string
}

/** The attempts of one device on a content, newest first, locked until the transaction ends. */
export function attemptsToLock({ userId, ref }: Holder, deviceId: string): RawBuilder<AttemptRow> {
  return sql<AttemptRow>`select ${ATTEMPT} from download_attempts a
    where a.user_id = ${userId} and a.device_id = ${deviceId} and a.content_type = ${ref.contentType} and a.content_id = ${ref.contentId}
    order by a.created_at desc, a.id for no key update of a`
}

/** An attempt with the root of the object it delivers. */
export interface OwnAttempt {
  readonly attempt: Attempt
  readonly segmentRoot: string | null
}

/** The attempts of this account and device among `ids`, locked after their holders; another's are left out. */
export async function lockOwn(
  tx: PrivilegedTransaction,
  ids: readonly string[],
  owner: Owner,
): Promise<readonly OwnAttempt[]> {
  await lockHoldersOf(tx, ids, owner)
  const { rows } = await sql<AttemptRow & { segment_root: string | null }>`
    select ${ATTEMPT}, o.segment_root from download_attempts a join objects o on o.sha256 = a.object_sha256
    where a.id = any(${[...ids]}::uuid[]) and a.user_id = ${owner.userId} and a.device_id = ${owner.deviceId}
    order by a.id for no key update of a`.execute(tx)
  return rows.map((row) => ({ attempt: toAttempt(row), segmentRoot: row.segment_root }))
}

/** An attempt by its id, unlocked; null when there is none. */
export async function selectAttempt(tx: PrivilegedTransaction, id: string): Promise<Attempt | null> {
  const { rows } = await sql<AttemptRow>`select ${ATTEMPT} from download_attempts a where a.id = ${id}`.execute(tx)
  return rows[0] === undefined ? null : toAttempt(rows[0])
}

export async function lockAttempt(tx: PrivilegedTransaction, id: string): Promise<Attempt | null> {
  const { rows } = await sql<AttemptRow>`
    select ${ATTEMPT} from download_attempts a where a.id = ${id} for no key update of a`.execute(tx)
  return rows[0] === undefined ? null : toAttempt(rows[0])
}

/** How many attempts an account has used of a content since the last reset, on all devices, in each format. */
export function attemptCounts({ userId, ref }: Holder): RawBuilder<AttemptCount> {
  return sql<AttemptCount>`
    select format, count(*)::int as used from download_attempts
    where user_id = ${userId} and content_type = ${ref.contentType} and content_id = ${ref.contentId}
      and state = any(${[...COUNTED_STATES]}::text[]) and reset_at is null and not is_repair
    group by format`
}

interface AttemptCount {
  readonly format: FileFormat
  readonly used: number
}

export function toCounts(rows: readonly AttemptCount[]): ReadonlyMap<FileFormat, number> {
  return new Map(rows.map(({ format, used }) => [format, used]))
}

export interface NewAttempt extends Holder {
  readonly deviceId: string
  readonly format: FileFormat
  readonly objectSha256: string
  readonly sizeBytes: number
  readonly byteBudget: number
  readonly source: Attempt['source']
  readonly sourceId: string
  readonly usageId: string | null
}

/** Opens an attempt; its access was looked at in the same transaction. */
export function newAttempt(id: string, attempt: NewAttempt): RawBuilder<AttemptRow> {
  const { userId, ref, deviceId, format, objectSha256, sizeBytes, source, sourceId, usageId } = attempt
  return sql<AttemptRow>`
    insert into download_attempts as a (id, user_id, device_id, content_type, content_id, format, object_sha256, size_bytes, access_source,
      access_id, subscription_usage_id, closes_at, byte_budget)
    values (${id}, ${userId}, ${deviceId}, ${ref.contentType}, ${ref.contentId}, ${format}, ${objectSha256}, ${sizeBytes}, ${source},
      ${sourceId}, ${usageId}, ${WINDOW}, ${attempt.byteBudget})
    returning ${COLUMNS}, false as is_withdrawn`
}

/** The one attempt that a statement answers. */
export function theAttempt(rows: readonly AttemptRow[]): Attempt {
  return toAttempt(onlyRow(rows))
}

/** Opens a paid attempt again: a new window, what is left of the budget, no charge. */
export async function reopenAttempt(tx: PrivilegedTransaction, id: string): Promise<Attempt> {
  const { rows } = await sql<AttemptRow>`
    update download_attempts as a set state = 'active', closes_at = ${WINDOW}, settled_at = null, settle_reason = null
    where a.id = ${id} returning ${ATTEMPT}`.execute(tx)
  return toAttempt(onlyRow(rows))
}

export async function updateNetworks(
  tx: PrivilegedTransaction,
  id: string,
  family: 4 | 6,
  { networks, rebinds }: { networks: readonly string[]; rebinds: number },
): Promise<void> {
  const column = sql.ref(family === 4 ? 'networks_v4' : 'networks_v6')
  await sql`update download_attempts set ${column} = ${[...networks]}::text[]::cidr[], rebinds = ${rebinds} where id = ${id}`.execute(
    tx,
  )
}

/** Closes an open attempt and all its tokens; what open streams had reserved is given back. */
export async function closeAttempt(
  tx: PrivilegedTransaction,
  id: string,
  { state, reason }: { state: AttemptState; reason: string },
): Promise<void> {
  await sql`update download_attempts set state = ${state}, settled_at = app.now(), settle_reason = ${reason}, bytes_reserved = 0
    where id = ${id}`.execute(tx)
  await sql`update download_tokens
    set revoked_at = coalesce(revoked_at, app.now()),
      closed_at = case when used_at is null then null else app.now() end,
      outcome = case when used_at is null then null else 'revoked' end,
      bytes_reserved = 0
    where attempt_id = ${id} and closed_at is null`.execute(tx)
}

/**
 * The files have arrived: their charges are final, and tokens that are not for a repair are worth nothing any more. Logged, as the last statement
 * of its transaction.
 */
export async function markDelivered(tx: PrivilegedTransaction, ids: readonly string[], address: string): Promise<void> {
  await sql`${last} with delivered as (
      update download_attempts a set state = 'delivered', settled_at = coalesce(a.settled_at, app.now()), settle_reason = 'complete'
      where a.id = any(${[...ids]}::uuid[]) returning a.id, a.user_id, a.device_id, a.bytes_served
    )
    insert into download_logs (event, user_id, device_id, attempt_id, ip_address, bytes)
    select 'completed', user_id, device_id, id, ${address}::inet, bytes_served from delivered`.execute(tx)
}

/** Refunds of this UTC day that gave back something although bytes were sent. Further ones of the account wait. */
export async function lockRefundsToday(
  tx: PrivilegedTransaction,
  { userId, ref }: Holder,
): Promise<{ ofContent: number; ofUser: number }> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`refunds ${userId}`}, 0))`.execute(tx)
  const { rows } = await sql<{ of_content: string; of_user: string }>`
    select count(*) as of_user,
      count(*) filter (where content_type = ${ref.contentType} and content_id = ${ref.contentId}) as of_content
    from download_attempts
    where user_id = ${userId} and settled_at >= (app.today()::timestamp at time zone 'UTC') and state = 'released' and bytes_served > 0
  `.execute(tx)
  const { of_content, of_user } = onlyRow(rows)
  return { ofContent: Number(of_content), ofUser: Number(of_user) }
}

/** Open attempts whose window has passed, whose device was removed or whose access was withdrawn; at most `limit`. */
export async function selectEnded(
  tx: PrivilegedTransaction,
  limit: number,
): Promise<{ id: string; isOfRevokedDevice: boolean }[]> {
  const { rows } = await sql<{ id: string; isOfRevokedDevice: boolean }>`
    select a.id, d.revoked_at is not null as "isOfRevokedDevice"
    from download_attempts a join devices d on d.id = a.device_id
    where a.state in ('reserved', 'active') and (a.closes_at <= app.now() or d.revoked_at is not null or app.access_is_withdrawn(a))
    order by a.closes_at limit ${limit}`.execute(tx)
  return rows
}

/** Takes an account's attempts on a content out of the count. Answers how many counted until now. */
export async function markReset(
  tx: PrivilegedTransaction,
  { userId, contentId }: { userId: string; contentId: string },
): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    update download_attempts set reset_at = app.now()
    where user_id = ${userId} and content_id = ${contentId} and reset_at is null and not is_repair
      and state = any(${[...COUNTED_STATES]}::text[])
    returning id`.execute(tx)
  return rows.length
}

function onlyRow<T>(rows: readonly T[]): T {
  const [row] = rows
  if (row === undefined) throw new Error('A statement answered no row')
  return row
}

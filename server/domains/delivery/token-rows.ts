import { sql } from 'kysely'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import type { Attempt } from './attempt.ts'
import { TOKEN_SECONDS } from './rules.ts'

/** Stores tokens by their hashes and logs why they were given, in one statement. `address` is that of the client that asks for them. */
export async function insertTokens(
  tx: PrivilegedTransaction,
  attempt: Attempt,
  { address, isRepair, event }: { address: string; isRepair: boolean; event: 'init' | 'resume' },
  tokens: readonly { readonly hash: string; readonly range: ByteRange }[],
): Promise<void> {
  const { id, userId, deviceId, ref } = attempt
  const hashes = tokens.map(({ hash }) => hash)
  const starts = tokens.map(({ range: [start] }) => start)
  const ends = tokens.map(({ range: [, end] }) => end)
  await sql`
    with logged as (
      insert into download_logs (event, user_id, device_id, attempt_id, ip_address)
      values (${event}, ${userId}, ${deviceId}, ${id}, ${address})
    )
    insert into download_tokens (token_hash, attempt_id, user_id, device_id, content_type, content_id, range_start, range_end, is_repair,
      expires_at, ip_address)
    select t.hash, ${id}::uuid, ${userId}::uuid, ${deviceId}::uuid, ${ref.contentType}::content_type, ${ref.contentId}::uuid, t.first, t.last,
      ${isRepair}::boolean, app.now() + make_interval(secs => ${TOKEN_SECONDS}), ${address}::inet
    from unnest(${hashes}::text[], ${starts}::bigint[], ${ends}::bigint[]) as t (hash, first, last)`.execute(tx)
}

/** What a token stands for, before it is used. */
export interface TokenFacts {
  readonly tokenId: string
  readonly attemptId: string
  /** Whose token it is. */
  readonly ownerId: string
  readonly range: ByteRange
  readonly objectSha256: string
  readonly objectKey: string
  readonly sizeBytes: number
  readonly mimeType: string
  readonly fileName: string | null
  /** A redeem would be refused for the token itself: it is used, too old, or another device's. */
  readonly isSpent: boolean
}

export async function selectToken(
  tx: PrivilegedTransaction,
  hash: string,
  { userId, deviceId }: { userId: string; deviceId: string },
): Promise<TokenFacts | null> {
  const { rows } = await sql<{
    id: string
    attempt_id: string
    user_id: string
    range_start: string
    range_end: string
    sha256: string
    key: string
    size_bytes: string
    mime_type: string
    file_name: string | null
    is_spent: boolean
  }>`
    select t.id, t.attempt_id, t.user_id, t.range_start, t.range_end, o.sha256, o.key, o.size_bytes, o.mime_type, f.file_name,
      (t.used_at is not null or t.expires_at <= app.now() or t.user_id <> ${userId}::uuid or t.device_id <> ${deviceId}::uuid) as is_spent
    from download_tokens t
    join download_attempts a on a.id = t.attempt_id
    join objects o on o.sha256 = a.object_sha256
    left join content_files f on f.content_type = t.content_type and f.content_id = t.content_id and f.format = a.format
    where t.token_hash = ${hash}`.execute(tx)
  const [row] = rows
  if (row === undefined) return null
  return {
    tokenId: row.id,
    attemptId: row.attempt_id,
    ownerId: row.user_id,
    range: [Number(row.range_start), Number(row.range_end)],
    objectSha256: row.sha256,
    objectKey: row.key,
    sizeBytes: Number(row.size_bytes),
    mimeType: row.mime_type,
    fileName: row.file_name,
    isSpent: row.is_spent,
  }
}

export interface Redemption {
  readonly code: 'ok' | ErrorCode
  readonly tokenId: string | null
  readonly attemptId: string | null
  /** Whose token it is, which a stranger's request does not say. */
  readonly ownerId: string | null
}

/** Uses a token for one range, counts the first `count` bytes of it as served and logs it, or says why not and changes nothing; one statement. */
export async function redeemToken(
  tx: PrivilegedTransaction,
  use: { hash: string; userId: string; deviceId: string; address: string; range: ByteRange; count: number },
): Promise<Redemption> {
  const { hash, userId, deviceId, address, range, count } = use
  const { rows } = await sql<{
    code: 'ok' | ErrorCode
    token_id: string | null
    attempt_id: string | null
    user_id: string | null
  }>`
    with redeemed as materialized (
      select * from app.redeem_token(${hash}, ${userId}::uuid, ${deviceId}::uuid, ${address}::inet, ${range[0]}::bigint, ${range[1]}::bigint,
        ${count}::bigint)
    ), logged as (
      insert into download_logs (event, user_id, device_id, attempt_id, token_id, ip_address, range_from, bytes)
      select 'used', ${userId}::uuid, ${deviceId}::uuid, attempt_id, token_id, ${address}::inet, ${range[0]}::bigint,
        ${range[1] - range[0] + 1}::bigint
      from redeemed where code = 'ok'
    )
    select code, token_id, attempt_id, user_id from redeemed`.execute(tx)
  const [row] = rows
  if (row === undefined) throw new Error('redeem_token answered no row')
  return { code: row.code, tokenId: row.token_id, attemptId: row.attempt_id, ownerId: row.user_id }
}

/** Moves bytes of a used token from reserved to served. False: the attempt is closed, send no more. */
export async function countServed(tx: PrivilegedTransaction, tokenId: string, bytes: number): Promise<boolean> {
  const { rows } = await sql<{
    go: boolean
  }>`select app.count_served(${tokenId}::uuid, ${bytes}::bigint) as go`.execute(tx)
  return rows[0]?.go === true
}

export type StreamOutcome = 'complete' | 'client_gone' | 'upstream_error' | 'revoked'

/** Ends a used token and gives back what it had reserved, and what was counted of it and not sent. */
export async function closeToken(
  tx: PrivilegedTransaction,
  tokenId: string,
  outcome: StreamOutcome | 'lost',
  unsent = 0,
): Promise<void> {
  await sql`select app.close_token(${tokenId}::uuid, ${outcome}, ${unsent}::bigint)`.execute(tx)
}

/** Those of the used tokens whose streams must end: closed, or the device, the account or the access was withdrawn. */
export async function selectWithdrawn(tx: PrivilegedTransaction, tokenIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select t.id from download_tokens t
    join download_attempts a on a.id = t.attempt_id
    join devices d on d.id = t.device_id
    join profiles p on p.id = t.user_id
    where t.id = any(${[...tokenIds]}::uuid[]) and (t.closed_at is not null or d.revoked_at is not null or p.status <> 'active'
      or a.state in ('released', 'expired_charged', 'revoked') or app.access_is_withdrawn(a))`.execute(tx)
  return rows.map(({ id }) => id)
}

/** Used tokens whose stream no process can be sending any more: nothing was counted for `idleSeconds`. */
export async function selectLost(tx: PrivilegedTransaction, idleSeconds: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select t.id from download_tokens t
    where t.used_at is not null and t.closed_at is null and t.updated_at < app.now() - make_interval(secs => ${idleSeconds})`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}

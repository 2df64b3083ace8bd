import { type RawBuilder, sql } from 'kysely'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import { last, type PrivilegedTransaction } from '../../db/transaction.ts'
import type { Attempt } from './attempt.ts'
import { pauseOf } from './pause-rows.ts'
import { TOKEN_SECONDS } from './rules.ts'

/** A token by its hash, which is all that is stored of it, and what it is for. */
export interface HashedToken {
  readonly hash: string
  readonly range: ByteRange
}

/** Stores tokens and logs why they were given, as the last statement of its transaction. `address` is that of the client that asks for them. */
export function newTokens(
  { id, userId, deviceId, ref }: Pick<Attempt, 'id' | 'userId' | 'deviceId' | 'ref'>,
  { address, isRepair, event }: { address: string; isRepair: boolean; event: 'init' | 'resume' },
  tokens: readonly HashedToken[],
): RawBuilder<unknown> {
  const hashes = tokens.map(({ hash }) => hash)
  const starts = tokens.map(({ range: [start] }) => start)
  const ends = tokens.map(({ range: [, end] }) => end)
  return sql`${last} with logged as (
      insert into download_logs (event, user_id, device_id, attempt_id, ip_address)
      values (${event}, ${userId}, ${deviceId}, ${id}, ${address})
    )
    insert into download_tokens (token_hash, attempt_id, user_id, device_id, content_type, content_id, range_start, range_end, is_repair,
      expires_at, ip_address)
    select t.hash, ${id}::uuid, ${userId}::uuid, ${deviceId}::uuid, ${ref.contentType}::content_type, ${ref.contentId}::uuid, t.first, t.last,
      ${isRepair}::boolean, app.now() + make_interval(secs => ${TOKEN_SECONDS}), ${address}::inet
    from unnest(${hashes}::text[], ${starts}::bigint[], ${ends}::bigint[]) as t (hash, first, last)`
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

export interface TokenRow {
  readonly id: string | null
  readonly attempt_id: string
  readonly user_id: string
  readonly device_id: string
  readonly range_start: string
  readonly range_end: string
  readonly sha256: string
  readonly key: string
  readonly size_bytes: string
  readonly mime_type: string
  readonly file_name: string | null
  readonly is_over: boolean
  readonly paused_until: Date | null
}

/** A token by its hash, and until when the device of a key may redeem nothing. Always one row. */
export function tokenAndPause(
  prefix: RawBuilder<unknown>,
  hash: string,
  thumbprint: string,
  now: Date,
): RawBuilder<TokenRow> {
  return sql<TokenRow>`${prefix} select t.id, t.attempt_id, t.user_id, t.device_id, t.range_start, t.range_end, o.sha256, o.key, o.size_bytes,
      o.mime_type, f.file_name, (t.used_at is not null or t.expires_at <= app.now()) as is_over, ${pauseOf(thumbprint, now)} as paused_until
    from (values (1)) as one (row)
    left join download_tokens t on t.token_hash = ${hash}
    left join download_attempts a on a.id = t.attempt_id
    left join objects o on o.sha256 = a.object_sha256
    left join content_files f on f.content_type = t.content_type and f.content_id = t.content_id and f.format = a.format`
}

export function toToken(row: TokenRow, { userId, deviceId }: { userId: string; deviceId: string }): TokenFacts | null {
  if (row.id === null) return null
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
    isSpent: row.is_over || row.user_id !== userId || row.device_id !== deviceId,
  }
}

export interface Redemption {
  readonly code: 'ok' | ErrorCode
  readonly tokenId: string | null
  readonly attemptId: string | null
  /** Whose token it is, which a stranger's request does not say. */
  readonly ownerId: string | null
}

/** Uses a token for one range as the last statement of its transaction, counts the first `count` bytes of it as served and logs it, or says why not and changes nothing; one statement. */
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
  }>`${last} with redeemed as materialized (
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

/** Moves bytes of a used token from reserved to served, as the last statement of its transaction. False: the attempt is closed, send no more. */
export async function countServed(tx: PrivilegedTransaction, tokenId: string, bytes: number): Promise<boolean> {
  const { rows } = await sql<{
    go: boolean
  }>`${last} select app.count_served(${tokenId}::uuid, ${bytes}::bigint) as go`.execute(tx)
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

/** Ends used tokens whose bytes have all been counted and sent; answers which of them. One that somebody else is ending meanwhile is left to them. */
export async function closeSentTokens(tx: PrivilegedTransaction, tokenIds: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`${last} update download_tokens t set closed_at = app.now(), outcome = 'complete'
    where t.id in (
      select s.id from download_tokens s
      where s.id = any(${[...tokenIds]}::uuid[]) and s.used_at is not null and s.closed_at is null and s.bytes_reserved = 0
      for no key update skip locked)
    returning t.id`.execute(tx)
  return rows.map(({ id }) => id)
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

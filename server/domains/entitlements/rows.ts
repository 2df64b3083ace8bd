import { sql } from 'kysely'
import type { ContentRef, ContentType } from '../../../contract/values.ts'
import type { PrivilegedTransaction, ServerTransaction } from '../../db/transaction.ts'
import type { OwnedRow, OwnedSince } from './owned.ts'
import type { PurchaseGrant } from './purchase-grant.ts'

/** One conditional update: racing calls share exactly what is left. Null: nothing left, or the plan has ended. */
export async function takeUnit(
  tx: PrivilegedTransaction,
  subscriptionId: string,
  contentType: ContentType,
): Promise<{ usageId: string; quotaLeft: number } | null> {
  const taken = await sql<{ usageId: string | null }>`
    select app.take_quota(${subscriptionId}::uuid, ${contentType}::content_type) as "usageId"`.execute(tx)
  const usageId = taken.rows[0]?.usageId ?? null
  if (usageId === null) return null
  const left = await sql<{ quotaLeft: number }>`
    select (case ${contentType} when 'track' then s.tracks_quota - u.tracks_used when 'album' then s.zip_quota - u.zips_used
      else s.fan_uploads_quota - u.fan_used end)::int as "quotaLeft"
    from subscription_usage u join dj_subscriptions s on s.id = u.subscription_id where u.id = ${usageId}`.execute(tx)
  return { usageId, quotaLeft: left.rows[0]?.quotaLeft ?? 0 }
}

export async function returnUnit(
  tx: PrivilegedTransaction,
  { userId, usageId, contentType, contentId }: ContentRef & { userId: string; usageId: string },
): Promise<boolean> {
  const held = await tx
    .selectFrom('download_attempts')
    .select('id')
    .where('user_id', '=', userId)
    .where('content_type', '=', contentType)
    .where('content_id', '=', contentId)
    .where('subscription_usage_id', '=', usageId)
    .where('state', '<>', 'released')
    .limit(1)
    .executeTakeFirst()
  if (held !== undefined) return false
  await sql`select app.return_quota(${usageId}::uuid, ${contentType}::content_type)`.execute(tx)
  return true
}

/** Inserts, or brings a revoked row back to life; one statement, so that two payments can not both win. */
export async function upsertPurchase(
  tx: PrivilegedTransaction,
  { userId, ref, paymentId, amount }: PurchaseGrant,
): Promise<'created' | 'already-owned'> {
  const { rows } = await sql`
    insert into purchases as p (user_id, content_type, content_id, payment_id, amount_minor, currency)
    values (${userId}, ${ref.contentType}, ${ref.contentId}, ${paymentId}, ${amount.minor}, ${amount.currency})
    on conflict (user_id, content_id, content_type) do update
      set revoked_at = null, payment_id = excluded.payment_id, amount_minor = excluded.amount_minor, currency = excluded.currency
      where p.revoked_at is not null
    returning p.id`.execute(tx)
  if (rows.length > 0) return 'created'
  const standing = await tx
    .selectFrom('purchases')
    .select('payment_id')
    .where('user_id', '=', userId)
    .where('content_type', '=', ref.contentType)
    .where('content_id', '=', ref.contentId)
    .executeTakeFirst()
  return paymentId !== null && standing?.payment_id === paymentId ? 'created' : 'already-owned'
}

/** Answers whether a purchase stood and, where `paymentId` is given, was that payment's. */
export async function revokePurchaseRow(
  tx: PrivilegedTransaction,
  { userId, ref, paymentId }: { userId: string; ref: ContentRef; paymentId: string | null },
): Promise<boolean> {
  const { rows } = await sql`
    update purchases set revoked_at = app.now()
    where user_id = ${userId} and content_type = ${ref.contentType} and content_id = ${ref.contentId} and revoked_at is null
      and (${paymentId}::uuid is null or payment_id = ${paymentId}::uuid)
    returning id`.execute(tx)
  return rows.length > 0
}

export async function isPurchased(tx: ServerTransaction, userId: string, ref: ContentRef): Promise<boolean> {
  const row = await tx
    .selectFrom('purchases')
    .select('id')
    .where('user_id', '=', userId)
    .where('content_type', '=', ref.contentType)
    .where('content_id', '=', ref.contentId)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}

/**
 * What an account owns, was granted, or took from a running plan, newest first; content of several sources comes once,
 * by the first of them. One row more than `limit`, so that the caller sees whether there is a next page.
 */
export async function selectOwned(
  tx: ServerTransaction,
  userId: string,
  { end, limit }: { end: OwnedSince | null; limit: number },
): Promise<OwnedRow[]> {
  const { rows } = await sql<OwnedRow>`
    with held as (
      select p.content_type, p.content_id, 'purchase' as access, 1 as rank, p.created_at as since
      from purchases p where p.user_id = ${userId} and p.revoked_at is null and p.content_type in ('track', 'album', 'fan')
      union all
      select 'fan', e.fan_upload_id, 'fan_entitlement', 2, e.created_at
      from fan_upload_entitlements e where e.user_id = ${userId} and e.revoked_at is null
        and (e.expires_at is null or e.expires_at > app.now())
      union all
      select a.content_type, a.content_id, 'subscription', 3, min(a.created_at)
      from download_attempts a
      join (select 'track'::content_type as content_type, t.id, t.dj_id from tracks t where t.status = 'published'
        union all select 'album', a.id, a.dj_id from album_packs a where a.status = 'published'
        union all select 'fan', f.id, f.dj_id from fan_uploads f where f.status = 'published') c
        on c.content_type = a.content_type and c.id = a.content_id
      join dj_subscription_status s on s.user_id = a.user_id and s.dj_id = c.dj_id and s.is_current
      join subscription_usage u on u.id = s.usage_id and a.created_at >= u.period_start
      where a.user_id = ${userId} and a.access_source = 'subscription' and a.state <> 'released'
      group by a.content_type, a.content_id
    ), best as (
      select distinct on (h.content_type, h.content_id) h.* from held h order by h.content_type, h.content_id, h.rank
    )
    select b.content_type, b.content_id, b.access, b.since, b.since::text as since_text, c.title
    from best b
    join (select 'track'::content_type as content_type, t.id, t.title from tracks t where t.status <> 'draft'
      union all select 'album', a.id, a.title from album_packs a where a.status <> 'draft'
      union all select 'fan', f.id, f.title from fan_uploads f where f.status <> 'draft') c
      on c.content_type = b.content_type and c.id = b.content_id
    where ${end === null ? sql`true` : sql`(b.since, b.content_id) < (${end.since}::timestamptz, ${end.contentId}::uuid)`}
    order by b.since desc, b.content_id desc limit ${limit + 1}`.execute(tx)
  return rows
}

export interface SubscriptionRow {
  readonly id: string
  readonly dj_id: string
  readonly dj_name: string
  readonly slug: string
  readonly plan: 'basic' | 'pro' | 'super'
  readonly is_current: boolean
  readonly started_at: Date
  readonly expires_at: string
  readonly tracks_used: number
  readonly zip_used: number
  readonly fan_uploads_used: number
  readonly tracks_quota: number
  readonly zip_quota: number
  readonly fan_uploads_quota: number
}

/** Plans of an account with what is used of their present period; running ones first, then those that ended last. */
export async function selectSubscriptions(tx: PrivilegedTransaction, userId: string): Promise<SubscriptionRow[]> {
  const { rows } = await sql<SubscriptionRow>`
    select s.id, s.dj_id, d.dj_name, d.slug, s.plan, s.is_current, s.started_at, s.expires_at::text as expires_at,
      s.tracks_used, s.zip_used, s.fan_uploads_used, s.tracks_quota, s.zip_quota, s.fan_uploads_quota
    from dj_subscription_status s join dj_profiles d on d.user_id = s.dj_id
    where s.user_id = ${userId} and s.status <> 'pending'
    order by s.is_current desc, s.expires_at desc, s.id`.execute(tx)
  return rows
}

import { sql } from 'kysely'
import type { ContentType } from '../../../contract/values.ts'
import type { ServerTransaction } from '../../db/transaction.ts'

/** All rights of one account that touch some contents and their DJs; moments in ms. */
export interface RightsRow {
  readonly purchases: readonly { id: string; contentType: ContentType; contentId: string; isRevoked: boolean }[]
  readonly grants: readonly { id: string; contentId: string; isRevoked: boolean; expiresAt: number | null }[]
  readonly plans: readonly {
    id: string
    djId: string
    plan: 'basic' | 'pro' | 'super'
    status: string
    expiresOn: string
    usageId: string | null
    periodStart: number | null
    used: Readonly<Record<ContentType, number>>
    quota: Readonly<Record<ContentType, number>>
  }[]
  /** Downloads by plan that were not given back. */
  readonly takes: readonly { contentType: ContentType; contentId: string; at: number }[]
}

/** Reads, in one statement, what an account may use of these contents. Runs with the rights of the transaction. */
export async function selectRights(
  tx: ServerTransaction,
  userId: string,
  contentIds: readonly string[],
  djIds: readonly string[],
): Promise<RightsRow> {
  const contents = sql`any(${[...contentIds]}::uuid[])`
  const { rows } = await sql<RightsRow>`select
    (select coalesce(json_agg(json_build_object('id', p.id, 'contentType', p.content_type, 'contentId', p.content_id,
        'isRevoked', p.revoked_at is not null)), '[]')
      from purchases p where p.user_id = ${userId} and p.content_id = ${contents}) as purchases,
    (select coalesce(json_agg(json_build_object('id', e.id, 'contentId', e.fan_upload_id,
        'isRevoked', e.revoked_at is not null, 'expiresAt', extract(epoch from e.expires_at) * 1000)), '[]')
      from fan_upload_entitlements e where e.user_id = ${userId} and e.fan_upload_id = ${contents}) as grants,
    (select coalesce(json_agg(json_build_object('id', s.id, 'djId', s.dj_id, 'plan', s.plan, 'status', s.status,
        'expiresOn', s.expires_at::text, 'usageId', u.id, 'periodStart', extract(epoch from u.period_start) * 1000,
        'used', json_build_object('track', coalesce(u.tracks_used, 0), 'album', coalesce(u.zips_used, 0), 'fan', coalesce(u.fan_used, 0)),
        'quota', json_build_object('track', s.tracks_quota, 'album', s.zip_quota, 'fan', s.fan_uploads_quota))
        order by s.started_at desc, s.id), '[]')
      from dj_subscriptions s
      left join lateral (select x.* from subscription_usage x where x.subscription_id = s.id order by x.period_start desc limit 1) u on true
      where s.user_id = ${userId} and s.dj_id = any(${[...djIds]}::uuid[])) as plans,
    (select coalesce(json_agg(json_build_object('contentType', a.content_type, 'contentId', a.content_id,
        'at', extract(epoch from a.created_at) * 1000)), '[]')
      from download_attempts a where a.user_id = ${userId} and a.content_id = ${contents}
        and a.access_source = 'subscription' and a.state <> 'released') as takes`.execute(tx)
  return rows[0] ?? { purchases: [], grants: [], plans: [], takes: [] }
}

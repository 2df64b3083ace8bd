import { type Needs, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { selectSubscriptions } from './rows.ts'

/** Read with the server's rights, because the DJ of a plan may have left the store. */
export async function listSubscriptions({ tx, caller }: Needs<'tx' | 'caller'>) {
  const { userId } = signedIn(caller)
  const rows = await asServer(tx, (serverTx) => selectSubscriptions(serverTx, userId))
  return {
    subscriptions: rows.map((row) => ({
      id: row.id,
      dj: { id: row.dj_id, name: row.dj_name, slug: row.slug },
      plan: row.plan,
      isCurrent: row.is_current,
      startedAt: row.started_at.toISOString(),
      expiresOn: row.expires_at,
      tracks: { used: row.tracks_used, quota: row.tracks_quota },
      zips: { used: row.zip_used, quota: row.zip_quota },
      fanUploads: { used: row.fan_uploads_used, quota: row.fan_uploads_quota },
    })),
  }
}

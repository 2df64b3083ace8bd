import { createHash } from 'node:crypto'
import type { Insertable } from 'kysely'
import type { Database } from '../../../server/db/database.ts'
import type { DB } from '../../../server/db/tables.ts'
import { asCaller } from '../../../server/db/transaction.ts'
import { PEOPLE, SERVICE } from '../../_kit/people.ts'

export type PublicTable = Exclude<keyof DB, `${string}.${string}` | 'dj_subscription_status'>
type Rows = { readonly [T in PublicTable]?: Readonly<Record<string, Insertable<DB[T]>>> }

/** SHA-256 in hex of a text: a stand-in for any hash. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The id of a fixture: the same in every run. */
export function rowId(table: string, label: string): string {
  const hex = sha256(`${table}/${label}`)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

const { ana, bo, nova, vega, admin, suspended } = PEOPLE
const FILE = sha256('file')
const later = new Date('2100-01-01T00:00:00Z')
const owners = { ana, bo, admin }

/** One row for each of ana, bo and the administrator. */
function forEachOwner<R>(row: (userId: string, name: string) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(owners).map(([name, id]) => [name, row(id, name)]))
}

/** A valid row of each kind, also used as the sample of an insert. */
export const make = {
  device: (user_id: string, name: string): Insertable<DB['devices']> => ({
    user_id,
    jkt: createHash('sha256').update(`key of ${name}`).digest('base64url'),
    public_key: '{}',
    name,
    platform: 'linux',
  }),
  track: (dj_id: string, title: string): Insertable<DB['tracks']> => ({ dj_id, title, price_minor: 2900 }),
  pack: (dj_id: string, title: string): Insertable<DB['album_packs']> => ({ dj_id, title, price_minor: 7900 }),
  fanUpload: (dj_id: string, title: string): Insertable<DB['fan_uploads']> => ({ dj_id, title }),
  payment: (user_id: string, key: string): Insertable<DB['payments']> => ({
    user_id,
    processor: 'sandbox',
    purpose: 'content',
    currency: 'INR',
    amount_minor: 2900,
    idempotency_key: key,
    request_hash: sha256(key),
  }),
  purchase: (user_id: string, content_id: string): Insertable<DB['purchases']> => ({
    user_id,
    content_type: 'track',
    content_id,
  }),
  djSubscription: (user_id: string, dj_id: string): Insertable<DB['dj_subscriptions']> => ({
    user_id,
    dj_id,
    plan: 'pro',
    expires_at: '2099-12-31',
    tracks_quota: 25,
    zip_quota: 3,
    fan_uploads_quota: 1,
  }),
  attempt: (user_id: string, device_id: string, content_id: string): Insertable<DB['download_attempts']> => ({
    user_id,
    device_id,
    content_type: 'track',
    content_id,
    format: 'mp3',
    object_sha256: FILE,
    size_bytes: 1000,
    access_source: 'purchase',
    access_id: rowId('purchases', 'ana'),
    closes_at: later,
    byte_budget: 5000,
  }),
  token: (user_id: string, device_id: string, attempt_id: string, name: string): Insertable<DB['download_tokens']> => ({
    token_hash: sha256(`token of ${name}`),
    attempt_id,
    user_id,
    device_id,
    content_type: 'track',
    content_id: rowId('tracks', 'nova-published'),
    range_start: 0,
    range_end: 999,
    created_at: new Date('2026-01-01T00:00:00Z'),
    expires_at: new Date('2026-01-01T00:03:00Z'),
    ip_address: '127.0.0.1',
  }),
}

function crateItem(crate: string): Insertable<DB['crate_items']> {
  return {
    crate_id: rowId('crates', crate),
    content_type: 'track',
    content_id: rowId('tracks', 'nova-published'),
    position: 0,
  }
}

const PUBLISHED = { status: 'published', file_key: 'objects/file', published_at: new Date('2026-01-01T00:00:00Z') }

/** At least one row of every table, so that "sees nothing" can not pass because there is nothing. Parents come first. */
export const FIXTURES: Rows = {
  devices: forEachOwner((user, name) => make.device(user, name)),
  admin_sessions: {
    admin: {
      admin_user_id: admin,
      device_id: rowId('devices', 'admin'),
      ip_address: '127.0.0.1',
      expires_at: later,
    },
  },
  genres: { house: { name: 'House', slug: 'house' } },
  tags: { night: { name: 'Night', slug: 'night' } },
  objects: { file: { sha256: FILE, key: 'objects/file', size_bytes: 1000, mime_type: 'audio/mpeg' } },
  tracks: {
    'nova-published': { ...make.track(nova, 'Nova out'), ...PUBLISHED },
    'nova-draft': make.track(nova, 'Nova draft'),
    'vega-draft': make.track(vega, 'Vega draft'),
  },
  album_packs: {
    'nova-published': { ...make.pack(nova, 'Nova pack'), ...PUBLISHED },
    'nova-draft': make.pack(nova, 'Nova draft pack'),
  },
  album_pack_tracks: {
    published: {
      album_pack_id: rowId('album_packs', 'nova-published'),
      track_id: rowId('tracks', 'nova-published'),
      position: 0,
    },
    draft: {
      album_pack_id: rowId('album_packs', 'nova-draft'),
      track_id: rowId('tracks', 'nova-draft'),
      position: 0,
    },
  },
  fan_uploads: {
    'nova-published': { ...make.fanUpload(nova, 'Nova fan'), ...PUBLISHED },
    'nova-draft': make.fanUpload(nova, 'Nova fan draft'),
  },
  content_files: {
    file: {
      content_type: 'track',
      content_id: rowId('tracks', 'nova-published'),
      format: 'mp3',
      object_sha256: FILE,
      file_name: 'a.mp3',
    },
  },
  dj_plans: {
    active: { dj_id: nova, plan: 'basic', price_minor: 9900, tracks_quota: 10, zip_quota: 1, fan_uploads_quota: 0 },
    inactive: {
      dj_id: nova,
      plan: 'super',
      price_minor: 39900,
      tracks_quota: 60,
      zip_quota: 8,
      fan_uploads_quota: 5,
      is_active: false,
    },
  },
  payments: forEachOwner((user, name) => make.payment(user, name)),
  payment_items: forEachOwner((_user, name) => ({
    payment_id: rowId('payments', name),
    item_type: 'track',
    item_id: rowId('tracks', 'nova-published'),
    seller_id: nova,
    title: 'Nova out',
    unit_price_minor: 2900,
  })),
  payment_events: {
    event: {
      processor: 'sandbox',
      provider_event_id: '1',
      event_type: 'payment.captured',
      signature_ok: true,
      payload: '{}',
    },
  },
  transactions: forEachOwner((user) => ({
    buyer_id: user,
    seller_id: nova,
    transaction_type: 'track_purchase',
    currency: 'INR',
    amount_total: 2900,
    amount_commission: 1160,
    amount_seller: 1740,
    payment_processor: 'sandbox',
  })),
  purchases: forEachOwner((user) => make.purchase(user, rowId('tracks', 'nova-published'))),
  wallet_balances: {},
  dj_subscriptions: forEachOwner((user) => make.djSubscription(user, nova)),
  subscription_usage: forEachOwner((_user, name) => ({
    subscription_id: rowId('dj_subscriptions', name),
    reset_at: later,
  })),
  fan_upload_entitlements: forEachOwner((user) => ({
    user_id: user,
    fan_upload_id: rowId('fan_uploads', 'nova-published'),
    granted_by: nova,
  })),
  download_attempts: forEachOwner((user, name) => ({
    ...make.attempt(user, rowId('devices', name), rowId('tracks', 'nova-published')),
    access_id: rowId('purchases', name),
  })),
  download_tokens: forEachOwner((user, name) =>
    make.token(user, rowId('devices', name), rowId('download_attempts', name), name),
  ),
  download_logs: forEachOwner((user) => ({ user_id: user, event: 'init' })),
  dpop_jti: { jti: { jkt: 'key', jti_hash: sha256('jti'), expires_at: later } },
  rate_limits: { bucket: { bucket: 'init/ana', window_start: later } },
  abuse_flags: { flag: { user_id: ana, kind: 'token_replay' } },
  crates: {
    ...forEachOwner((user, name) => ({ user_id: user, name: `Crate of ${name}` })),
    suspended: { user_id: suspended, name: 'Crate of suspended' },
  },
  crate_items: {
    ...forEachOwner((_user, name) => crateItem(name)),
    suspended: crateItem('suspended'),
  },
  admin_audit_logs: { log: { actor_id: admin, action: 'reset-attempts' } },
  email_outbox: { mail: { to_email: 'ana@people.example', template: 'receipt' } },
  jobs: { job: { name: 'settle', interval_seconds: 60 } },
  job_runs: { run: { job: 'settle' } },
  idempotency_keys: {
    key: { user_id: ana, route: 'commerce.checkout', key: 'k', fingerprint: sha256('f'), expires_at: later },
  },
}

/**
 * Writes the fixtures; the people must be there. Also gives each owner's wallet a balance, lets the suspended account wait
 * as a DJ, and makes personas of every visibility: bo's is for members, vega's private, that of suspended banned.
 */
export async function seedFixtures(db: Database): Promise<void> {
  await asCaller(db, SERVICE, async (tx) => {
    for (const [table, rows] of Object.entries(FIXTURES))
      for (const [label, row] of Object.entries(rows))
        await tx
          .insertInto(table as PublicTable)
          .values({ id: rowId(table, label), ...row } as never)
          .execute()
    await tx.insertInto('dj_profiles').values({ user_id: suspended, dj_name: 'Waiting', slug: 'waiting' }).execute()
    const persona = (user: string, values: object) =>
      tx.updateTable('user_profiles').set(values).where('user_id', '=', user).execute()
    await persona(bo, { profile_visibility: 'members_only' })
    await persona(vega, { profile_visibility: 'private' })
    await persona(suspended, { is_banned: true })
    for (const [label, user] of Object.entries(owners)) {
      const wallet = await tx.selectFrom('wallets').select('id').where('user_id', '=', user).executeTakeFirstOrThrow()
      await tx
        .insertInto('wallet_balances')
        .values({ id: rowId('wallet_balances', label), wallet_id: wallet.id, currency: 'INR' })
        .execute()
    }
  })
}

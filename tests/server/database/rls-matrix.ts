import { PEOPLE } from '../../_kit/people.ts'
import { make, type PublicTable, rowId, sha256 } from './fixtures.ts'

/**
 * Who sees and changes what, declared: every table, every actor, every operation.
 * ana and bo are listeners, nova and vega approved DJs, admin uses the administrator's ordinary session, suspended is a
 * suspended account; service is the service role, server the server's own hand inside a call.
 */
export const ACTORS = ['anon', 'ana', 'bo', 'nova', 'vega', 'admin', 'suspended', 'service', 'server'] as const
export type Actor = (typeof ACTORS)[number]

/**
 * The labels of the rows an operation reaches; `all` of them; `denied` by a grant or a policy; `append-only` by the
 * table's trigger; for an insert `ok`, or `constraint` where the rights are there and a key stands in the way.
 */
export type Expected = 'denied' | 'all' | 'append-only' | 'ok' | 'constraint' | readonly string[]
export type Cells = Readonly<Record<Actor, Expected>>

export interface TableRules {
  /** The column that says whose the row is; no actor but service and server may ever set it to somebody else. */
  readonly owner: string | null
  /** The column that the update writes, one that a client may write where it may write any. */
  readonly touch: string
  /** A row that the actor, an account id, would add as its own. */
  readonly sample: (actor: string) => object
  readonly select: Cells
  readonly insert: Cells
  readonly update: Cells
  readonly delete: Cells
}

const { ana, bo, admin, suspended } = PEOPLE
const later = new Date('2100-01-01T00:00:00Z')
const published = rowId('tracks', 'nova-published')

/** The same for every client: signed in or not. */
function clients(expected: Expected, others: Partial<Cells> = {}): Cells {
  const same = Object.fromEntries(ACTORS.map((actor) => [actor, expected])) as Cells
  return { ...same, service: 'all', server: 'all', ...others }
}
/** Each account its own rows, those without a row none, nobody else any. */
function own(rows: readonly Actor[], others: Partial<Cells> = {}): Cells {
  const mine = Object.fromEntries(rows.map((actor) => [actor, [actor]]))
  return clients([], { anon: 'denied', ...mine, ...others })
}
const BUYERS = ['ana', 'bo', 'admin'] as const
const EVERYBODY = ['ana', 'bo', 'nova', 'vega', 'admin', 'suspended'] as const
const ACTIVE = ['ana', 'bo', 'nova', 'vega', 'admin'] as const
const insertOnly = (others: Partial<Cells> = {}) => clients('denied', { service: 'ok', server: 'ok', ...others })

/** Nobody but service and server; `server` says what the server's hand may do. */
function withheld(server: 'all' | 'denied', others: Partial<Cells> = {}): Cells {
  return clients('denied', { server, ...others })
}
/** Written by the server alone: it inserts and updates, only the service role deletes. */
const serverWrites = {
  insert: insertOnly(),
  update: withheld('all'),
  delete: withheld('denied'),
}
const serverKeeps = { ...serverWrites, delete: withheld('all') }
const serviceWrites = {
  insert: insertOnly({ server: 'denied' }),
  update: withheld('denied'),
  delete: withheld('denied'),
}
const hidden = { select: withheld('all') }

export const RLS_MATRIX: Readonly<Record<PublicTable, TableRules>> = {
  // Identity
  profiles: {
    owner: 'id',
    touch: 'full_name',
    sample: (actor) => ({ id: actor, email: 'again@people.example' }),
    select: own(EVERYBODY),
    ...serviceWrites,
    insert: insertOnly({ service: 'constraint', server: 'denied' }),
    update: own(ACTIVE, { server: 'denied' }),
  },
  user_roles: {
    owner: 'user_id',
    touch: 'role',
    sample: (actor) => ({ user_id: actor, role: 'super_admin' }),
    select: own(['nova', 'vega', 'admin']),
    ...serviceWrites,
  },
  user_profiles: {
    owner: 'user_id',
    touch: 'bio',
    sample: (actor) => ({ user_id: actor }),
    // bo's persona is for members, vega's private, and that of suspended banned.
    select: clients(['admin', 'ana', 'bo', 'nova'], {
      anon: ['admin', 'ana', 'nova'],
      vega: ['admin', 'ana', 'bo', 'nova', 'vega'],
      suspended: ['admin', 'ana', 'bo', 'nova', 'suspended'],
    }),
    ...serviceWrites,
    insert: insertOnly({ service: 'constraint', server: 'denied' }),
    update: own(ACTIVE, { server: 'denied' }),
  },
  dj_profiles: {
    owner: 'user_id',
    touch: 'bio',
    sample: (actor) => ({ user_id: actor, dj_name: 'New', slug: `new-${actor.slice(-2)}` }),
    // The suspended account waits for approval as a DJ.
    select: clients(['nova', 'vega'], { suspended: 'all' }),
    insert: clients('ok', {
      anon: 'denied',
      nova: 'constraint',
      vega: 'constraint',
      suspended: 'denied',
      service: 'ok',
      server: 'denied',
    }),
    update: own(['nova', 'vega'], { server: 'denied' }),
    delete: withheld('denied'),
  },
  devices: {
    owner: 'user_id',
    touch: 'name',
    sample: (actor) => make.device(actor, 'another'),
    select: own(BUYERS),
    ...serverWrites,
  },
  admin_users: {
    owner: null,
    touch: 'is_active',
    sample: (actor) => ({ id: actor, email: 'x@people.example', password_hash: 'x', role: 'admin' }),
    select: withheld('denied'),
    ...serviceWrites,
  },
  admin_sessions: {
    owner: null,
    touch: 'ended_at',
    sample: () => ({
      admin_user_id: admin,
      device_id: rowId('devices', 'admin'),
      ip_address: '127.0.0.1',
      expires_at: later,
    }),
    select: withheld('denied'),
    ...serviceWrites,
  },

  // Catalogue
  genres: {
    owner: null,
    touch: 'name',
    sample: () => ({ name: 'New', slug: 'new' }),
    select: clients('all'),
    ...serviceWrites,
  },
  tags: {
    owner: null,
    touch: 'name',
    sample: () => ({ name: 'New', slug: 'new' }),
    select: clients('all'),
    ...serviceWrites,
  },
  objects: {
    owner: null,
    touch: 'mime_type',
    sample: () => ({ sha256: sha256('new'), key: 'objects/new', size_bytes: 1, mime_type: 'audio/mpeg' }),
    ...hidden,
    ...serverWrites,
  },
  content_files: {
    owner: null,
    touch: 'file_name',
    sample: () => ({
      content_type: 'track',
      content_id: published,
      format: 'wav',
      object_sha256: sha256('file'),
      file_name: 'a.wav',
      is_master: false,
    }),
    ...hidden,
    ...serverWrites,
  },
  tracks: {
    owner: 'dj_id',
    touch: 'description',
    sample: (actor) => make.track(actor, 'New'),
    select: clients(['nova-published'], {
      nova: ['nova-draft', 'nova-published'],
      vega: ['nova-published', 'vega-draft'],
    }),
    insert: insertOnly({ nova: 'ok', vega: 'ok' }),
    update: own([], { nova: ['nova-draft', 'nova-published'], vega: ['vega-draft'] }),
    delete: own([], { nova: ['nova-draft'], vega: ['vega-draft'], server: 'denied' }),
  },
  album_packs: {
    owner: 'dj_id',
    touch: 'description',
    sample: (actor) => make.pack(actor, 'New'),
    select: clients(['nova-published'], { nova: 'all' }),
    insert: insertOnly({ nova: 'ok', vega: 'ok' }),
    update: own([], { nova: 'all' }),
    delete: own([], { nova: ['nova-draft'], server: 'denied' }),
  },
  album_pack_tracks: {
    owner: 'album_pack_id',
    touch: 'position',
    sample: () => ({ album_pack_id: rowId('album_packs', 'nova-draft'), track_id: published, position: 9 }),
    select: clients(['published'], { nova: 'all' }),
    insert: insertOnly({ nova: 'ok' }),
    update: own([], { nova: ['draft'] }),
    delete: own([], { nova: ['draft'] }),
  },
  fan_uploads: {
    owner: 'dj_id',
    touch: 'description',
    sample: (actor) => make.fanUpload(actor, 'New'),
    select: clients(['nova-published'], { nova: 'all' }),
    insert: insertOnly({ nova: 'ok', vega: 'ok' }),
    update: own([], { nova: 'all' }),
    delete: own([], { nova: ['nova-draft'], server: 'denied' }),
  },
  dj_plans: {
    owner: 'dj_id',
    touch: 'price_minor',
    sample: (actor) => ({
      dj_id: actor,
      plan: 'pro',
      price_minor: 19900,
      tracks_quota: 25,
      zip_quota: 3,
      fan_uploads_quota: 1,
    }),
    select: clients(['active'], { nova: 'all' }),
    insert: insertOnly({ nova: 'ok', vega: 'ok', server: 'denied' }),
    update: own([], { nova: 'all', server: 'denied' }),
    delete: withheld('denied'),
  },

  // Commerce
  payments: {
    owner: 'user_id',
    touch: 'status',
    sample: (actor) => make.payment(actor, 'new'),
    select: own(BUYERS),
    ...serverWrites,
  },
  payment_items: {
    owner: 'payment_id',
    touch: 'unit_price_minor',
    sample: () => ({
      payment_id: rowId('payments', 'ana'),
      item_type: 'album',
      item_id: rowId('album_packs', 'nova-published'),
      title: 'New',
      unit_price_minor: 1,
    }),
    select: own(BUYERS),
    ...serverWrites,
  },
  payment_events: {
    owner: null,
    touch: 'outcome',
    sample: () => ({
      processor: 'sandbox',
      provider_event_id: '2',
      event_type: 'x',
      signature_ok: true,
      payload: '{}',
    }),
    ...hidden,
    ...serverWrites,
  },
  transactions: {
    owner: 'buyer_id',
    touch: 'status',
    sample: (actor) => ({
      buyer_id: actor,
      transaction_type: 'refund',
      currency: 'INR',
      amount_total: 0,
      payment_processor: 'sandbox',
    }),
    select: own(BUYERS, { nova: 'all' }),
    ...serverWrites,
  },
  purchases: {
    owner: 'user_id',
    touch: 'revoked_at',
    sample: (actor) => ({ user_id: actor, content_type: 'album', content_id: rowId('album_packs', 'nova-published') }),
    select: own(BUYERS),
    ...serverWrites,
  },
  wallets: {
    owner: 'user_id',
    touch: 'default_currency',
    sample: (actor) => ({ user_id: actor }),
    select: own(EVERYBODY),
    ...serverWrites,
    insert: insertOnly({ service: 'constraint', server: 'constraint' }),
    update: own(ACTIVE),
  },
  wallet_balances: {
    owner: 'wallet_id',
    touch: 'balance_available',
    sample: () => ({ wallet_id: rowId('wallets', 'none'), currency: 'USD' }),
    select: own(BUYERS),
    ...serverWrites,
    insert: insertOnly({ service: 'constraint', server: 'constraint' }),
  },

  // Entitlements
  subscriptions: {
    owner: 'user_id',
    touch: 'status',
    sample: (actor) => ({ user_id: actor }),
    select: own(EVERYBODY),
    ...serverWrites,
    insert: insertOnly({ service: 'constraint', server: 'constraint' }),
  },
  dj_subscriptions: {
    owner: 'user_id',
    touch: 'status',
    sample: (actor) => make.djSubscription(actor, PEOPLE.vega),
    select: own(BUYERS),
    ...serverWrites,
    insert: insertOnly(),
  },
  subscription_usage: {
    owner: 'subscription_id',
    touch: 'tracks_used',
    sample: () => ({ subscription_id: rowId('dj_subscriptions', 'ana'), period_start: later, reset_at: later }),
    select: own(BUYERS),
    ...serverWrites,
  },
  fan_upload_entitlements: {
    owner: 'granted_by',
    touch: 'revoked_at',
    sample: (actor) => ({
      user_id: PEOPLE.vega,
      fan_upload_id: rowId('fan_uploads', 'nova-published'),
      granted_by: actor,
    }),
    select: own(BUYERS, { nova: 'all' }),
    insert: insertOnly({ nova: 'ok' }),
    update: own([], { nova: 'all' }),
    delete: withheld('denied'),
  },

  // Delivery
  download_attempts: {
    owner: 'user_id',
    touch: 'state',
    sample: (actor) => make.attempt(actor, rowId('devices', 'ana'), rowId('tracks', 'nova-draft')),
    select: own(BUYERS),
    ...serverWrites,
  },
  download_tokens: {
    owner: 'user_id',
    touch: 'used_at',
    sample: (actor) => make.token(actor, rowId('devices', 'ana'), rowId('download_attempts', 'ana'), 'new'),
    select: own(BUYERS),
    ...serverWrites,
  },
  download_logs: {
    owner: 'user_id',
    touch: 'reason',
    sample: (actor) => ({ user_id: actor, event: 'init' }),
    select: own(BUYERS),
    insert: insertOnly(),
    update: withheld('denied', { service: 'append-only' }),
    delete: withheld('denied', { service: 'append-only' }),
  },
  dpop_jti: {
    owner: null,
    touch: 'expires_at',
    sample: () => ({ jkt: 'key', jti_hash: sha256('new'), expires_at: later }),
    ...hidden,
    ...serverKeeps,
  },
  rate_limits: {
    owner: null,
    touch: 'hits',
    sample: () => ({ bucket: 'new', window_start: later }),
    ...hidden,
    ...serverKeeps,
  },
  abuse_flags: {
    owner: null,
    touch: 'state',
    sample: () => ({ kind: 'manual' }),
    ...hidden,
    ...serverWrites,
  },

  // Crates
  crates: {
    owner: 'user_id',
    touch: 'sort_order',
    sample: (actor) => ({ user_id: actor, name: 'New' }),
    select: own([...BUYERS, 'suspended']),
    insert: clients('ok', { anon: 'denied', suspended: 'denied', service: 'ok', server: 'denied' }),
    update: own(BUYERS, { server: 'denied' }),
    delete: own(BUYERS, { server: 'denied' }),
  },
  crate_items: {
    owner: 'crate_id',
    touch: 'position',
    sample: (actor) => ({
      crate_id: rowId('crates', { [bo]: 'bo', [admin]: 'admin', [suspended]: 'suspended' }[actor] ?? 'ana'),
      content_type: 'album',
      content_id: rowId('album_packs', 'nova-published'),
      position: 1,
    }),
    select: own([...BUYERS, 'suspended']),
    insert: insertOnly({ ana: 'ok', bo: 'ok', admin: 'ok', server: 'denied' }),
    update: own(BUYERS, { server: 'denied' }),
    delete: own(BUYERS, { server: 'denied' }),
  },

  // Operations
  admin_audit_logs: {
    owner: null,
    touch: 'action',
    sample: () => ({ actor_label: 'command line', action: 'x' }),
    ...hidden,
    insert: insertOnly(),
    update: withheld('denied', { service: 'append-only' }),
    delete: withheld('denied', { service: 'append-only' }),
  },
  email_outbox: {
    owner: null,
    touch: 'state',
    sample: () => ({ to_email: 'x@people.example', template: 'receipt' }),
    ...hidden,
    ...serverKeeps,
  },
  jobs: {
    owner: null,
    touch: 'run_at',
    sample: () => ({ name: 'new', interval_seconds: 1 }),
    ...hidden,
    ...serverKeeps,
  },
  job_runs: {
    owner: null,
    touch: 'ok',
    sample: () => ({ job: 'new' }),
    ...hidden,
    ...serverKeeps,
  },
  idempotency_keys: {
    owner: null,
    touch: 'status',
    sample: () => ({ user_id: ana, route: 'x', key: 'new', fingerprint: sha256('f'), expires_at: later }),
    ...hidden,
    ...serverKeeps,
  },
}

import { sql } from 'kysely'
import type { Account } from '../../../contract/identity.ts'
import type { PrivilegedTransaction, ServerTransaction } from '../../db/transaction.ts'

const ACCOUNT = ['id', 'email', 'full_name as fullName', 'role', 'status'] as const

/** The account; undefined when row level security hides it or it does not exist. */
export async function findAccount(tx: ServerTransaction, userId: string): Promise<Account | undefined> {
  const row = await tx.selectFrom('profiles').select(ACCOUNT).where('id', '=', userId).executeTakeFirst()
  return row as Account | undefined
}

export async function findAccountWithEmail(tx: PrivilegedTransaction, email: string): Promise<Account | undefined> {
  const row = await tx
    .selectFrom('profiles')
    .select(ACCOUNT)
    .where('email', '=', email.toLowerCase())
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return row as Account | undefined
}

export interface DeviceRow {
  readonly id: string
  readonly userId: string
  readonly jkt: string
  readonly name: string
  readonly platform: 'linux' | 'macos' | 'windows'
  readonly kind: 'persistent' | 'session'
  readonly sessionId: string | null
  readonly createdAt: Date
  readonly lastSeenAt: Date | null
  readonly revokedAt: Date | null
}

const DEVICE = sql.raw(`id, user_id as "userId", jkt, name, platform, kind, session_id as "sessionId",
  created_at as "createdAt", last_seen_at as "lastSeenAt", revoked_at as "revokedAt"`)

/** The account's devices, active ones first; devices of a session that has ended are gone. */
export async function findDevices(tx: PrivilegedTransaction, userId: string): Promise<DeviceRow[]> {
  const { rows } = await sql<DeviceRow>`
    select ${DEVICE} from devices
    where user_id = ${userId} and (kind = 'persistent' or app.session_begun_at(session_id, user_id) is not null)
    order by revoked_at is not null, coalesce(last_seen_at, created_at) desc, id`.execute(tx)
  return rows
}

export async function findDeviceWithKey(tx: PrivilegedTransaction, thumbprint: string): Promise<DeviceRow | undefined> {
  const { rows } = await sql<DeviceRow>`select ${DEVICE} from devices where jkt = ${thumbprint}`.execute(tx)
  return rows[0]
}

export async function findDevice(
  tx: PrivilegedTransaction,
  { id, userId }: { id: string; userId: string },
): Promise<DeviceRow | undefined> {
  const { rows } = await sql<DeviceRow>`select ${DEVICE} from devices where id = ${id} and user_id = ${userId}`.execute(
    tx,
  )
  return rows[0]
}

/** Makes the account's registrations wait for each other until the transaction ends, so that the limit counts all of them. */
export async function lockDevicesOf(tx: PrivilegedTransaction, userId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`devices of ${userId}`}, 0))`.execute(tx)
}

export async function countActiveDevices(tx: PrivilegedTransaction, userId: string): Promise<number> {
  const { count } = await tx
    .selectFrom('devices')
    .select((row) => row.fn.countAll<string>().as('count'))
    .where('user_id', '=', userId)
    .where('kind', '=', 'persistent')
    .where('revoked_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export interface Registration {
  readonly userId: string
  readonly sessionId: string
  readonly thumbprint: string
  readonly publicJwk: Readonly<Record<string, unknown>>
  readonly name: string
  readonly platform: string
  readonly kind: string
  readonly address: string
  readonly now: Date
}

/** Inserts the device, or brings the row of the same key up to date and back into use. The key must be the account's or new. */
export async function saveDevice(tx: PrivilegedTransaction, device: Registration): Promise<DeviceRow> {
  const { userId, sessionId, thumbprint, publicJwk, name, platform, kind, address, now } = device
  const { rows } = await sql<DeviceRow>`
    insert into devices (user_id, jkt, public_key, kind, session_id, name, platform, last_ip, last_seen_at)
    values (${userId}, ${thumbprint}, ${JSON.stringify(publicJwk)}, ${kind}, ${sessionId}, ${name}, ${platform}, ${address}, ${now})
    on conflict (jkt) do update set kind = excluded.kind, session_id = excluded.session_id, name = excluded.name,
      platform = excluded.platform, last_ip = excluded.last_ip, last_seen_at = excluded.last_seen_at, revoked_at = null
      where devices.user_id = excluded.user_id
    returning ${DEVICE}`.execute(tx)
  const [row] = rows
  if (row === undefined) throw new Error('The key of a device changed accounts while it was registered')
  return row
}

/** Renames a device of the account; undefined when it has no such device. */
export async function updateDeviceName(
  tx: PrivilegedTransaction,
  { id, userId }: { id: string; userId: string },
  name: string,
): Promise<DeviceRow | undefined> {
  const { rows } = await sql<DeviceRow>`
    update devices set name = ${name} where id = ${id} and user_id = ${userId} returning ${DEVICE}`.execute(tx)
  return rows[0]
}

/** Takes a device out of use, kills its unused tokens and ends its session. The row keeps its session, whose calls are refused from now on. */
export async function markDeviceRevoked(tx: PrivilegedTransaction, device: DeviceRow, now: Date): Promise<void> {
  await tx
    .updateTable('devices')
    .set({ revoked_at: now })
    .where('id', '=', device.id)
    .where('revoked_at', 'is', null)
    .execute()
  await tx
    .updateTable('download_tokens')
    .set({ revoked_at: now })
    .where('device_id', '=', device.id)
    .where('used_at', 'is', null)
    .where('revoked_at', 'is', null)
    .execute()
  if (device.sessionId !== null) await sql`select app.end_session(${device.sessionId}, ${device.userId})`.execute(tx)
}

/** Queues the mail that tells the account's owner of a new device; it goes only if the registration is committed. */
export async function queueNewDeviceMail(
  tx: PrivilegedTransaction,
  { email, fullName }: Account,
  { id, name, platform }: DeviceRow,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('email_outbox')
    .values({
      to_email: email,
      template: 'new-device',
      payload: JSON.stringify({ fullName, deviceName: name, platform, at: at.toISOString() }),
      dedupe_key: `new-device:${id}:${at.getTime()}`,
    })
    .onConflict((conflict) => conflict.column('dedupe_key').doNothing())
    .execute()
}

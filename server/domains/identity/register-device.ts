import type { Parsed } from '../../../contract/call.ts'
import { AppError } from '../../../contract/errors.ts'
import type { identity } from '../../../contract/identity.ts'
import { type Needs, signedIn } from '../../context.ts'
import { asServer, type PrivilegedTransaction } from '../../db/transaction.ts'
import { activeAccount } from './public.ts'
import {
  countActiveDevices,
  type DeviceRow,
  findDevices,
  findDeviceWithKey,
  lockDevicesOf,
  queueNewDeviceMail,
  saveDevice,
} from './rows.ts'
import { addsDevice, DEVICE_LIMIT, isFreshSignIn, type KnownDevice, takesSlot } from './rules.ts'
import { toDevice } from './to-device.ts'

export async function registerDevice(
  { tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>,
  { name, platform, kind }: Parsed<typeof identity.registerDevice>,
) {
  const { userId, sessionId, signedInAt, key, address } = signedIn(caller)
  if (key === null) throw new AppError('invalid-dpop-proof')
  const account = await activeAccount(tx, userId)
  const now = clock.now()
  const register = async (server: PrivilegedTransaction) => {
    await lockDevicesOf(server, userId)
    const known = toKnown(await findDeviceWithKey(server, key.thumbprint), userId)
    if (addsDevice(known) && !isFreshSignIn(signedInAt, now)) throw new AppError('fresh-sign-in-required')
    if (takesSlot(known, kind)) await assertFreeSlot(server, userId)
    const device = await saveDevice(server, {
      ...{ userId, sessionId, name, platform, kind, address },
      ...{ thumbprint: key.thumbprint, publicJwk: key.publicJwk, now: new Date(now) },
    })
    if (addsDevice(known)) await queueNewDeviceMail(server, account, device, new Date(now))
    return { device: toDevice(device), devices: (await findDevices(server, userId)).map(toDevice) }
  }
  return asServer(tx, register)
}

/** One key belongs to one account: on a computer that two people share, each account has a key of its own. */
function toKnown(row: DeviceRow | undefined, userId: string): KnownDevice | null {
  if (row === undefined) return null
  if (row.userId !== userId) throw new AppError('invalid-dpop-proof', 'This key belongs to another account.')
  return { kind: row.kind, isRevoked: row.revokedAt !== null }
}

async function assertFreeSlot(server: PrivilegedTransaction, userId: string): Promise<void> {
  if ((await countActiveDevices(server, userId)) < DEVICE_LIMIT) return
  const devices = (await findDevices(server, userId)).map(toDevice)
  throw new AppError('device-limit', undefined, { limit: DEVICE_LIMIT, devices })
}

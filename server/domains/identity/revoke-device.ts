import type { Parsed } from '../../../contract/call.ts'
import { AppError } from '../../../contract/errors.ts'
import type { identity } from '../../../contract/identity.ts'
import { type Needs, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { findDevice, lockDevicesOf, markDeviceRevoked } from './rows.ts'

/** Removing a device that is removed already changes nothing. */
export async function revokeDevice(
  { tx, caller, clock }: Needs<'tx' | 'caller' | 'clock'>,
  { deviceId }: Parsed<typeof identity.revokeDevice>,
): Promise<{ done: true }> {
  const { userId } = signedIn(caller)
  await asServer(tx, async (server) => {
    await lockDevicesOf(server, userId)
    const device = await findDevice(server, { id: deviceId, userId })
    if (device === undefined) throw new AppError('not-found')
    await markDeviceRevoked(server, device, new Date(clock.now()))
  })
  return { done: true }
}

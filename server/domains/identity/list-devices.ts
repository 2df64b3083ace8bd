import { type Needs, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { findDevices } from './rows.ts'
import { DEVICE_LIMIT } from './rules.ts'
import { toDevice } from './to-device.ts'

export async function listDevices({ tx, caller }: Needs<'tx' | 'caller'>) {
  const { userId, sessionId } = signedIn(caller)
  const devices = await asServer(tx, (server) => findDevices(server, userId))
  const thisDevice = devices.find((device) => device.sessionId === sessionId && device.revokedAt === null)
  return { devices: devices.map(toDevice), limit: DEVICE_LIMIT, thisDeviceId: thisDevice?.id ?? null }
}

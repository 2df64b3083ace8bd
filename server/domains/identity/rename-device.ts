import type { Parsed } from '../../../contract/call.ts'
import { AppError } from '../../../contract/errors.ts'
import type { Device, identity } from '../../../contract/identity.ts'
import { type Needs, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { updateDeviceName } from './rows.ts'
import { toDevice } from './to-device.ts'

export async function renameDevice(
  { tx, caller }: Needs<'tx' | 'caller'>,
  { deviceId, name }: Parsed<typeof identity.renameDevice>,
): Promise<Device> {
  const { userId } = signedIn(caller)
  const device = await asServer(tx, (server) => updateDeviceName(server, { id: deviceId, userId }, name))
  if (device === undefined) throw new AppError('not-found')
  return toDevice(device)
}

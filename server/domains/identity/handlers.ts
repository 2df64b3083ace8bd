import type { Handlers } from '../../../contract/call.ts'
import type { identity } from '../../../contract/identity.ts'
import type { CallContext } from '../../context.ts'
import { listDevices } from './list-devices.ts'
import { me } from './me.ts'
import { registerDevice } from './register-device.ts'
import { renameDevice } from './rename-device.ts'
import { revokeDevice } from './revoke-device.ts'

export const identityHandlers = {
  me,
  listDevices,
  registerDevice,
  renameDevice,
  revokeDevice,
} satisfies Handlers<typeof identity, 'server', CallContext>

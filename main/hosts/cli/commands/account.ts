import { identity, type SignInState } from '../../../../contract/identity.ts'
import { type Command, type Outcome, required } from '../command.ts'
import { plain, table } from '../format.ts'

const PASSWORD = { 'password-stdin': { type: 'boolean' } } as const

function describe(state: SignInState): Outcome {
  const texts: Record<SignInState['status'], string> = {
    'signed-out': 'Signed out.',
    'signed-in': `Signed in as ${state.account?.email ?? ''}.`,
    'needs-device': `Signed in as ${state.account?.email ?? ''}, but this computer is not registered: remove a device (mixmint devices), then mixmint devices register.`,
    'session-expired': `The session of ${state.account?.email ?? ''} has ended; sign in again.`,
  }
  return { value: state, text: texts[state.status] }
}

export const login: Command = {
  usage: '<e-mail> [--password-stdin]',
  about: 'Signs in and registers this computer.',
  options: PASSWORD,
  async run({ call, readSecret }, args, options) {
    const email = required(args, 0, 'The e-mail address')
    const password = await readSecret('Password: ', options['password-stdin'] === true)
    return describe(await call(identity.signIn, { email, password }))
  },
}

export const signup: Command = {
  usage: '<e-mail> [--name <name>] [--password-stdin]',
  about: 'Creates an account and signs in.',
  options: { ...PASSWORD, name: { type: 'string' } },
  async run({ call, readSecret }, args, options) {
    const email = required(args, 0, 'The e-mail address')
    const password = await readSecret('Password (8 characters or more): ', options['password-stdin'] === true)
    const { name } = options
    return describe(
      await call(identity.signUp, { email, password, ...(typeof name === 'string' ? { fullName: name } : {}) }),
    )
  },
}

export const logout: Command = {
  usage: '',
  about: 'Ends the session on this computer; files stay.',
  run: async ({ call }) => describe(await call(identity.signOut, {})),
}

export const devices: Command = {
  usage: '[remove <id> | rename <id> <name> | register | forget]',
  about: 'Lists the devices of the account, or changes them.',
  async run({ call }, args) {
    const [action] = args
    if (action === 'register') return describe(await call(identity.registerThisDevice, {}))
    if (action === 'forget') return describe(await call(identity.forgetThisDevice, {}))
    if (action === 'remove') await call(identity.revokeDevice, { deviceId: required(args, 1, 'The id of the device') })
    if (action === 'rename')
      await call(identity.renameDevice, {
        deviceId: required(args, 1, 'The id of the device'),
        name: required(args, 2, 'The new name'),
      })
    const list = await call(identity.listDevices, {})
    const rows = list.devices.map(({ id, name, platform, revokedAt }) => [
      id === list.thisDeviceId ? '*' : ' ',
      id,
      plain(name),
      platform,
      revokedAt === null ? 'active' : 'removed',
    ])
    return { value: list, text: `${table(rows)}\n(* this computer; at most ${list.limit})` }
  },
}

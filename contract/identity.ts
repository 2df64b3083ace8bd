import { z } from 'zod'
import { desktopCommand, desktopQuery, domain, serverCommand, serverQuery } from './call.ts'
import { Done, Email, Id, Instant, Label, Nothing } from './values.ts'

export const Role = z.enum(['user', 'dj', 'author', 'engineer', 'admin', 'super_admin'])
export const Account = z.object({
  id: Id,
  email: Email,
  fullName: z.string().nullable(),
  role: Role,
  status: z.enum(['active', 'suspended', 'banned', 'deleted']),
})
export type Account = z.infer<typeof Account>

export const Platform = z.enum(['linux', 'macos', 'windows'])
export const DeviceKind = z.enum(['persistent', 'session'])
/** One installation of MixMint; `thumbprint` is the RFC 7638 thumbprint of its key. */
export const Device = z.object({
  id: Id,
  thumbprint: z.string(),
  name: z.string(),
  platform: Platform,
  kind: DeviceKind,
  createdAt: Instant,
  lastSeenAt: Instant.nullable(),
  revokedAt: Instant.nullable(),
})
export type Device = z.infer<typeof Device>

export const Password = z.string().min(8, 'At least 8 characters').max(200)
/** Six digits, as mailed. */
export const MailCode = z.string().regex(/^\d{6}$/, 'Six digits')

/** Where this computer keeps secrets, and what that protects against. */
export const SecretStoreKind = z.enum(['keychain', 'file-vault', 'memory'])

export const SignInState = z.object({
  /** `needs-device`: signed in, but this computer could not be registered (all devices are in use). */
  status: z.enum(['signed-out', 'signed-in', 'needs-device', 'session-expired']),
  account: Account.nullable(),
  device: Device.nullable(),
  secretStore: SecretStoreKind,
  /** What the user should know about how secrets are kept; null when a keychain holds them. */
  secretNotice: z.string().nullable(),
})
export type SignInState = z.infer<typeof SignInState>

const DeviceList = z.object({ devices: z.array(Device), limit: z.int(), thisDeviceId: Id.nullable() })

export const identity = domain('identity', {
  me: serverQuery({
    about: 'The signed-in account.',
    proof: 'session',
    input: Nothing,
    output: Account,
    errors: ['account-suspended'],
  }),
  listDevices: serverQuery({
    about: 'The devices of the account, active ones first.',
    proof: 'session',
    input: Nothing,
    output: DeviceList,
  }),
  registerDevice: serverCommand({
    about: 'Registers the key that signs the proof as a device of the account; a known key keeps its row.',
    proof: 'new-device',
    audience: 'core',
    input: z.object({ name: Label(80), platform: Platform, kind: DeviceKind }),
    output: z.object({ device: Device, devices: z.array(Device) }),
    errors: ['device-limit', 'fresh-sign-in-required', 'invalid-dpop-proof', 'use-dpop-nonce'],
  }),
  renameDevice: serverCommand({
    about: 'Gives a device of the account another name.',
    proof: 'session',
    input: z.object({ deviceId: Id, name: Label(80) }),
    output: Device,
    errors: ['not-found'],
  }),
  revokeDevice: serverCommand({
    about: 'Removes a device: its session ends, its open tokens die, its streams stop within 10 s.',
    proof: 'session',
    input: z.object({ deviceId: Id }),
    output: Done,
    errors: ['not-found'],
  }),

  state: desktopQuery({ about: 'Who is signed in on this computer.', input: Nothing, output: SignInState }),
  signUp: desktopCommand({
    about: 'Creates an account with e-mail and password, signs in, and registers this computer.',
    input: z.object({ email: Email, password: Password, fullName: Label(120).optional() }),
    output: SignInState,
    errors: ['account-exists', 'email-unconfirmed', 'weak-password', 'rate-limited', 'offline'],
  }),
  signIn: desktopCommand({
    about: 'Signs in with e-mail and password and registers this computer.',
    input: z.object({ email: Email, password: z.string().min(1).max(200) }),
    output: SignInState,
    errors: ['invalid-credentials', 'email-unconfirmed', 'account-suspended', 'rate-limited', 'offline'],
  }),
  startOAuth: desktopCommand({
    about: 'Begins a sign-in with another provider; the address is to be opened in a browser.',
    input: z.object({ provider: z.enum(['google']) }),
    output: z.object({ address: z.url() }),
    errors: ['offline'],
  }),
  finishOAuth: desktopCommand({
    about: 'Ends a sign-in with the code that came back from the browser.',
    input: z.object({ code: z.string().min(1).max(500) }),
    output: SignInState,
    errors: ['code-expired', 'offline'],
  }),
  requestPasswordReset: desktopCommand({
    about: 'Mails a code and a link to choose a new password; answers the same for an unknown address.',
    input: z.object({ email: Email }),
    output: Done,
    errors: ['rate-limited', 'offline'],
  }),
  resetPassword: desktopCommand({
    about: 'Chooses a new password with a mailed code, and signs in.',
    input: z.object({ email: Email, code: MailCode, password: Password }),
    output: SignInState,
    errors: ['code-expired', 'weak-password', 'offline'],
  }),
  registerThisDevice: desktopCommand({
    about: 'Registers this computer after a device was removed; a new name is optional.',
    input: z.object({ name: Label(80).optional() }),
    output: SignInState,
    errors: ['not-signed-in', 'device-limit', 'fresh-sign-in-required', 'offline'],
  }),
  signOut: desktopCommand({
    about: 'Ends the session on this computer; files and the device key stay.',
    input: Nothing,
    output: SignInState,
  }),
  forgetThisDevice: desktopCommand({
    about: 'Revokes this computer, deletes its key and signs out; files stay.',
    input: Nothing,
    output: SignInState,
    errors: ['not-signed-in', 'offline'],
  }),
})

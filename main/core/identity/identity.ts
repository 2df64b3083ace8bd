import { AppError, type ErrorCode } from '../../../contract/errors.ts'
import { type Account, identity as calls, type SignInState } from '../../../contract/identity.ts'
import type { EventHub } from '../event-hub.ts'
import type { AccountSpaces } from '../local-db/account-spaces.ts'
import type { Network } from '../needs.ts'
import type { Log, SecretStore, SettingsStore } from '../ports.ts'
import type { ServerCall } from '../server/server-call.ts'
import type { SessionSource } from '../server/session-source.ts'
import { type AccountRecord, readAccountRecord, writeAccountRecord } from './account-record.ts'
import type { DeviceKeys } from './device-keys.ts'
import type { SessionKeeper } from './session-keeper.ts'
import { thisComputersName, thisPlatform } from './this-computer.ts'

/** Who is signed in, with which device; the session behind it is the keeper's. */
export interface Identity extends SessionSource {
  /** Takes up where the last start ended, with no network needed. */
  start(): Promise<void>
  state(): SignInState
  /** After the sign-in client has a session of `userId`: makes it the account in use and registers this computer. */
  adopt(user: { id: string; email: string; fullName: string | null }): Promise<SignInState>
  /** Throws `device-limit`, `fresh-sign-in-required`, `offline` and others of the call. */
  registerDevice(name?: string): Promise<SignInState>
  signOut(): Promise<SignInState>
  forgetDevice(): Promise<SignInState>
  expired(): void
  close(): void
}

interface IdentityNeeds {
  readonly log: Log
  readonly secrets: SecretStore
  readonly settings: SettingsStore
  readonly events: EventHub
  readonly network: Network
  readonly spaces: AccountSpaces
  readonly keeper: SessionKeeper
  readonly deviceKeys: DeviceKeys
  readonly serverCall: ServerCall
}

/** Refusals that only the user can set right, by removing a device or signing in again. */
const NEEDS_USER: ReadonlySet<ErrorCode> = new Set(['device-limit', 'fresh-sign-in-required', 'device-revoked'])

export function createIdentity(needs: IdentityNeeds): Identity {
  const { log, secrets, settings, events, network, spaces, keeper, deviceKeys, serverCall } = needs
  let record: AccountRecord | null = null
  let needsDevice = false
  let registration: Promise<void> | null = null

  function changed(next: AccountRecord | null) {
    record = next
    writeAccountRecord(settings, next)
    events.emit({ type: 'identity.changed' })
  }

  function status(): SignInState['status'] {
    if (record === null) return 'signed-out'
    if (!keeper.hasSession()) return 'session-expired'
    return needsDevice && record.device === null ? 'needs-device' : 'signed-in'
  }

  function state(): SignInState {
    return {
      status: status(),
      account: record?.account ?? null,
      device: record?.device ?? null,
      secretStore: secrets.kind,
      secretNotice: secrets.notice,
    }
  }

  async function register(name: string | undefined): Promise<void> {
    const account = signedIn()
    const input = {
      name: name ?? thisComputersName(),
      platform: thisPlatform(),
      kind: secrets.kind === 'memory' ? ('session' as const) : ('persistent' as const),
    }
    try {
      const { device } = await serverCall(calls.registerDevice, input).catch(async (error: unknown) => {
        if (!(error instanceof AppError && error.code === 'device-revoked')) throw error
        // A removed key stays removed: this computer comes back with a new one.
        await deviceKeys.delete(account.id)
        return await serverCall(calls.registerDevice, input)
      })
      needsDevice = false
      if (record?.account.id === account.id) changed({ account: record.account, device })
    } catch (error) {
      if (error instanceof AppError && NEEDS_USER.has(error.code)) {
        needsDevice = true
        if (record !== null) changed({ ...record, device: null })
      }
      throw error
    }
  }

  /** Registers once for all who ask at the same time. */
  async function ensureRegistered(name?: string): Promise<void> {
    registration ??= register(name).finally(() => {
      registration = null
    })
    await registration
  }

  function registerInBackground() {
    if (record === null || record.device !== null || needsDevice || !keeper.hasSession()) return
    ensureRegistered().catch((error: unknown) => log.info({ error }, 'this device could not be registered yet'))
  }

  function signedIn(): Account {
    if (record === null || !keeper.hasSession()) throw new AppError('not-signed-in')
    return record.account
  }

  async function leave(): Promise<SignInState> {
    await keeper.end()
    needsDevice = false
    await spaces.use(null)
    changed(null)
    return state()
  }

  const stopListening = network.onChange((isOnline) => {
    if (isOnline) registerInBackground()
  })

  return {
    async start() {
      await keeper.load()
      record = readAccountRecord(settings)
      if (record === null) return
      await spaces.use(record.account.id)
      registerInBackground()
    },
    state,
    async adopt(user) {
      const previous = record
      const isSameAccount = previous?.account.id === user.id
      if (!isSameAccount) {
        await spaces.use(null)
        record = null
      }
      const account = await accountOf(user)
      await spaces.use(account.id)
      needsDevice = false
      changed({ account, device: isSameAccount ? (previous?.device ?? null) : null })
      await ensureRegistered().catch((error: unknown) => {
        log.info({ error }, 'signed in; this device is not registered yet')
      })
      return state()
    },
    async registerDevice(name) {
      signedIn()
      await ensureRegistered(name)
      return state()
    },
    signOut: leave,
    async forgetDevice() {
      const account = signedIn()
      if (record?.device) await serverCall(calls.revokeDevice, { deviceId: record.device.id })
      await deviceKeys.delete(account.id)
      return await leave()
    },
    expired() {
      events.emit({ type: 'identity.changed' })
    },
    close: stopListening,

    async accessToken() {
      const token = await keeper.accessToken()
      // While one account follows another, work for the first must not go out in the name of the second.
      if (record !== null && keeper.userId() !== record.account.id) throw new AppError('session-expired')
      return token
    },
    renew: keeper.renew,
    async deviceKey() {
      const accountId = record?.account.id
      if (accountId === undefined) throw new AppError('not-signed-in')
      return await deviceKeys.keyFor(accountId)
    },
    async deviceReady() {
      // A new session of the same account has to name its device first, although the device is known.
      const isReady = record?.device && registration === null
      if (keeper.hasSession() && record !== null && !isReady) await ensureRegistered()
    },
    deviceRefused() {
      if (record === null || record.device === null) return
      needsDevice = true
      changed({ account: record.account, device: null })
    },
  }

  /** The account as the server has it; while it can not be asked, what the session itself says. */
  async function accountOf(user: { id: string; email: string; fullName: string | null }): Promise<Account> {
    try {
      return await serverCall(calls.me, {})
    } catch (error) {
      if (error instanceof AppError && (error.code === 'offline' || error.code === 'server-busy'))
        return { ...user, role: 'user', status: 'active' }
      await keeper.end()
      throw error
    }
  }
}

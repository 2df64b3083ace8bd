import type { DeviceKey } from './device-proof.ts'

/** Where requests get the session and the device key from; identity provides it. */
export interface SessionSource {
  /** The access token in use, renewed if its time is known to be over; null when nobody is signed in. Throws `session-expired`, `offline`. */
  accessToken(): Promise<string | null>
  /** Renews the session, once for all who ask at the same time, unless `rejected` is no longer the one in use. Throws `session-expired`, `offline`. */
  renew(rejected: string): Promise<void>
  /** The key of this installation for the signed-in account, made on first use. Throws `not-signed-in`, `no-secret-store`. */
  deviceKey(): Promise<DeviceKey>
  /** Registers this installation if it is not yet; throws what the registration throws. */
  deviceReady(): Promise<void>
  /** The server says that this device was removed or is not known. */
  deviceRefused(): void
}

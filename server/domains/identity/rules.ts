/** Installations that an account may have in use at once; devices that last one session are not counted. */
export const DEVICE_LIMIT = 5
/** How recent a sign-in must be to add a device, ms. */
export const FRESH_SIGN_IN_MS = 10 * 60_000

/** Whether the session began recently enough to add a device. Times in ms. */
export function isFreshSignIn(signedInAt: number, now: number): boolean {
  return now - signedInAt <= FRESH_SIGN_IN_MS
}

export interface KnownDevice {
  readonly kind: 'persistent' | 'session'
  readonly isRevoked: boolean
}

/** Whether registering takes one of the account's slots: a device that already holds one keeps it. */
export function takesSlot(known: KnownDevice | null, kind: 'persistent' | 'session'): boolean {
  if (kind === 'session') return false
  return known === null || known.isRevoked || known.kind === 'session'
}

/** Whether registering adds a device, which needs a fresh sign-in and tells the account's owner by mail. */
export function addsDevice(known: KnownDevice | null): boolean {
  return known === null || known.isRevoked
}

import { createHmac, timingSafeEqual } from 'node:crypto'

/** How long one nonce is current, ms. The one before and the one after are accepted too (RFC 9449 §8, §11.1). */
export const NONCE_STEP_MS = 100_000
/** A proof can be accepted for at most this long, ms; its `jti` is remembered until then. */
export const PROOF_LIFETIME_MS = 3 * NONCE_STEP_MS

/** The nonce of the moment `now` (ms): every server process with the key gives the same, with nothing stored. */
export function nonceAt(key: string, now: number): string {
  return nonceOfStep(key, Math.floor(now / NONCE_STEP_MS))
}

/** Whether `nonce` is the previous, present or next one under any of `keys`. */
export function isFreshNonce(keys: readonly string[], nonce: string, now: number): boolean {
  const step = Math.floor(now / NONCE_STEP_MS)
  return keys.some((key) => [step, step - 1, step + 1].some((near) => isEqual(nonceOfStep(key, near), nonce)))
}

function nonceOfStep(key: string, step: number): string {
  return createHmac('sha256', key).update(`dpop-nonce:${step}`).digest('base64url')
}

function isEqual(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  return a.length === b.length && timingSafeEqual(a, b)
}

import { createHmac, timingSafeEqual } from 'node:crypto'
import { AppError } from '../../../contract/errors.ts'

const TOLERANCE_SECONDS = 300
const HEADER = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/

const digest = (secret: string, seconds: string, body: Buffer): Buffer =>
  createHmac('sha256', secret).update(`${seconds}.`).update(body).digest()

/** `t=<seconds>,v1=<hex>`: HMAC-SHA256 over the time and the raw bytes of the body. */
export function signWebhook(secret: string, now: number, body: Buffer): string {
  const seconds = String(Math.floor(now / 1000))
  return `t=${seconds},v1=${digest(secret, seconds, body).toString('hex')}`
}

/** Throws `bad-signature` unless one of the secrets signed these very bytes within the last five minutes. */
export function assertWebhookSignature(
  secrets: readonly string[],
  header: string | undefined,
  now: number,
  body: Buffer,
): void {
  const [, seconds = '', signature = ''] = HEADER.exec(header ?? '') ?? []
  const given = Buffer.from(signature, 'hex')
  const isFresh = Math.abs(now / 1000 - Number(seconds)) <= TOLERANCE_SECONDS
  const isSigned = secrets.some(
    (secret) => given.length === 32 && timingSafeEqual(given, digest(secret, seconds, body)),
  )
  if (!isFresh || !isSigned) throw new AppError('bad-signature')
}

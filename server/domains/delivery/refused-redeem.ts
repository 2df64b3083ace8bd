import type { ErrorCode } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import { takeWithin } from '../../rate-limits/buckets.ts'
import { type FlagKind, raiseFlag } from '../audit/public.ts'
import { insertLog } from './log-rows.ts'
import { insertPause } from './pause-rows.ts'
import type { Redeemer } from './redeemer.ts'

/** How long a device may redeem nothing after too many refusals, ms. */
const PAUSE_MS = 60_000

export interface RefusedRedeem {
  readonly code: ErrorCode
  readonly tokenId: string | null
  readonly attemptId: string | null
  /** Whose token it is; null when there is no such token. */
  readonly ownerId: string | null
  readonly range: ByteRange | null
}

/** Refusals that are signs of a copied token or key. */
const FLAGS: Readonly<Partial<Record<ErrorCode, { kind: FlagKind; severity: 'low' | 'medium' | 'high' }>>> = {
  'token-used': { kind: 'token_replay', severity: 'medium' },
  'token-wrong-device': { kind: 'device_mismatch', severity: 'high' },
  'ip-locked': { kind: 'ip_mismatch', severity: 'low' },
}

/** Logs a refusal, raises the flag of its kind, and pauses a device that collects too many of them. */
export async function recordRefusedRedeem(
  tx: PrivilegedTransaction,
  { userId, deviceId, address }: Redeemer,
  { code, tokenId, attemptId, ownerId, range }: RefusedRedeem,
  now: number,
): Promise<void> {
  const place = range === null ? {} : { rangeFrom: range[0], bytes: range[1] - range[0] + 1 }
  await insertLog(tx, { event: 'refused', reason: code, userId, deviceId, attemptId, tokenId, address, ...place })
  const flag = FLAGS[code]
  const whose = { userId, deviceId, address }
  if (flag !== undefined) await raiseFlag(tx, { ...flag, ...whose, details: { tokenId, attemptId, ownerId } })
  const limited = await takeWithin(tx, { name: 'refused-redeems-by-device', key: deviceId }, now)
  if (limited === null) return
  await insertPause(tx, deviceId, new Date(now + PAUSE_MS))
  await raiseFlag(tx, { kind: 'many_failures', severity: 'medium', ...whose, details: { lastCode: code } })
}

import { AppError } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import { asCaller, asServer, type Caller, type PrivilegedTransaction } from '../../db/transaction.ts'
import type { ServerServices } from '../../services.ts'
import { tokenHash } from './download-token.ts'
import { insertLog } from './log-rows.ts'
import type { Redeemer } from './redeemer.ts'
import { type RefusedRedeem, recordRefusedRedeem, secondsOfPause } from './refused-redeem.ts'
import {
  closeToken,
  countServed,
  type Redemption,
  redeemToken,
  type StreamOutcome,
  selectToken,
  type TokenFacts,
} from './token-rows.ts'

export type { StreamOutcome, TokenFacts } from './token-rows.ts'

type RedeemServices = Pick<ServerServices, 'db' | 'clock' | 'log'>

/** A used token whose bytes may be sent, each block after it was counted. */
export interface Redeemed {
  readonly tokenId: string
  readonly attemptId: string
}

/**
 * What a token stands for, without using it; null when there is no such token.
 * Throws `rate-limited` for a device that is paused after many refusals, unless the token would be refused by itself.
 */
export function peekToken(services: RedeemServices, redeemer: Redeemer, token: string): Promise<TokenFacts | null> {
  return inServer(services, redeemer, async (tx) => {
    const facts = await selectToken(tx, tokenHash(token), redeemer)
    if (facts?.isSpent === true) return facts
    const retryAfterSeconds = await secondsOfPause(tx, redeemer.deviceId, services.clock.now())
    if (retryAfterSeconds > 0) throw new AppError('rate-limited', undefined, { retryAfterSeconds })
    return facts
  })
}

/** Uses a token for one GET of `range` and reserves its bytes. A refusal uses nothing, is recorded, and is thrown as the error of its code. */
export async function redeem(
  services: RedeemServices,
  redeemer: Redeemer,
  token: string,
  range: ByteRange,
): Promise<Redeemed> {
  const hash = tokenHash(token)
  const redemption = await inServer(services, redeemer, async (tx) => {
    const outcome = await redeemToken(tx, { hash, ...redeemer, range })
    if (outcome.code === 'ok') await logUse(tx, redeemer, outcome, range)
    return outcome
  })
  const { code, tokenId, attemptId } = redemption
  if (code === 'ok') {
    if (tokenId === null || attemptId === null) throw new Error('A redeemed token names its attempt')
    return { tokenId, attemptId }
  }
  await recordRefusal(services, redeemer, { ...redemption, code, range })
  throw new AppError(code)
}

/**
 * Writes a refusal of a download down, in a transaction of its own: the log, flags, and the pause after many.
 * Does not fail: the refusal stands whether or not it could be recorded.
 */
export async function recordRefusal(
  services: RedeemServices,
  redeemer: Redeemer,
  refusal: RefusedRedeem,
): Promise<void> {
  try {
    await inServer(services, redeemer, (tx) => recordRefusedRedeem(tx, redeemer, refusal, services.clock.now()))
  } catch (error) {
    services.log.error({ err: error, refusal: refusal.code, ...redeemer }, 'a refused download could not be recorded')
  }
}

/** Counts bytes that are about to be written. False: the attempt was closed, write nothing more. */
export function countBlock(
  services: RedeemServices,
  redeemer: Redeemer,
  { tokenId }: Redeemed,
  bytes: number,
): Promise<boolean> {
  return inServer(services, redeemer, (tx) => countServed(tx, tokenId, bytes))
}

/** Ends the use of a token: gives back what was not sent, and logs a stream that did not come to its end. */
export function endUse(
  services: RedeemServices,
  redeemer: Redeemer,
  { tokenId, attemptId }: Redeemed,
  outcome: StreamOutcome,
): Promise<void> {
  const { userId, deviceId, address } = redeemer
  return inServer(services, redeemer, async (tx) => {
    await closeToken(tx, tokenId, outcome)
    if (outcome !== 'complete')
      await insertLog(tx, { event: 'interrupted', reason: outcome, userId, deviceId, attemptId, tokenId, address })
  })
}

function logUse(
  tx: PrivilegedTransaction,
  { userId, deviceId, address }: Redeemer,
  { attemptId, tokenId }: Redemption,
  [start, end]: ByteRange,
): Promise<void> {
  return insertLog(tx, {
    event: 'used',
    userId,
    deviceId,
    attemptId,
    tokenId,
    address,
    rangeFrom: start,
    bytes: end - start + 1,
  })
}

function inServer<T>(
  { db, clock }: Pick<RedeemServices, 'db' | 'clock'>,
  { userId }: Redeemer,
  work: (tx: PrivilegedTransaction) => Promise<T>,
): Promise<T> {
  const caller: Caller = { role: 'authenticated', userId }
  return asCaller(db, caller, (tx) => asServer(tx, work), { clock })
}

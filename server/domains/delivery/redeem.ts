import { AppError } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import type { Look } from '../../auth/server-auth.ts'
import { inServerTransaction, type PrivilegedTransaction, type Statement } from '../../db/transaction.ts'
import type { ServerServices } from '../../services.ts'
import { tokenHash } from './download-token.ts'
import { insertLog } from './log-rows.ts'
import type { Redeemer } from './redeemer.ts'
import { type RefusedRedeem, recordRefusedRedeem } from './refused-redeem.ts'
import {
  closeToken,
  countServed,
  redeemToken,
  type StreamOutcome,
  type TokenFacts,
  type TokenRow,
  tokenAndPause,
  toToken,
} from './token-rows.ts'

export type { StreamOutcome, TokenFacts } from './token-rows.ts'

type RedeemServices = Pick<ServerServices, 'db' | 'clock' | 'log'>

/** A used token whose bytes may be sent, each block after it was counted. */
export interface Redeemed {
  readonly tokenId: string
  readonly attemptId: string
}

/**
 * Looks up what a token stands for, without using it, beside establishing who brings it. `facts` answers null when there is no such token, and
 * throws `rate-limited` for a device that is paused after many refusals, unless the token would be refused by itself.
 */
export class TokenLook implements Look {
  readonly #hash: string
  readonly #now: number
  #row: TokenRow | undefined

  constructor(token: string, now: number) {
    this.#hash = tokenHash(token)
    this.#now = now
  }

  statement(prefix: Statement, thumbprint: string): Statement {
    return tokenAndPause(prefix, this.#hash, thumbprint, new Date(this.#now))
  }

  take(rows: readonly unknown[]): void {
    this.#row = rows[0] as TokenRow | undefined
  }

  facts(redeemer: Redeemer): TokenFacts | null {
    if (this.#row === undefined) throw new Error('A token was not looked for')
    const facts = toToken(this.#row, redeemer)
    const until = this.#row.paused_until
    if (facts?.isSpent === true || until === null) return facts
    const retryAfterSeconds = Math.ceil((until.getTime() - this.#now) / 1000)
    throw new AppError('rate-limited', undefined, { retryAfterSeconds })
  }
}

/** Uses a token for one GET of `range`, reserves its bytes and counts the first `count` of them. A refusal uses nothing, is recorded, and is thrown as the error of its code. */
export async function redeem(
  services: RedeemServices,
  redeemer: Redeemer,
  token: string,
  { range, count }: { range: ByteRange; count: number },
): Promise<Redeemed> {
  const hash = tokenHash(token)
  const redemption = await inServer(services, (tx) => redeemToken(tx, { hash, ...redeemer, range, count }))
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
    await inServer(services, (tx) => recordRefusedRedeem(tx, redeemer, refusal, services.clock.now()))
  } catch (error) {
    services.log.error({ err: error, refusal: refusal.code, ...redeemer }, 'a refused download could not be recorded')
  }
}

/** Counts bytes that are about to be written. False: the attempt was closed, write nothing more. */
export function countBlock(services: RedeemServices, { tokenId }: Redeemed, bytes: number): Promise<boolean> {
  return inServer(services, (tx) => countServed(tx, tokenId, bytes))
}

/** Ends the use of a token: gives back what was not sent, also the `unsent` bytes that were counted already, and logs a stream that did not come to its end. */
export function endUse(
  services: RedeemServices,
  redeemer: Redeemer,
  { tokenId, attemptId }: Redeemed,
  { outcome, unsent }: { outcome: StreamOutcome; unsent: number },
): Promise<void> {
  const { userId, deviceId, address } = redeemer
  const work = async (tx: PrivilegedTransaction): Promise<void> => {
    await closeToken(tx, tokenId, outcome, unsent)
    if (outcome !== 'complete')
      await insertLog(tx, { event: 'interrupted', reason: outcome, userId, deviceId, attemptId, tokenId, address })
  }
  // A database that dies and forgets it leaves a token that the sweep closes.
  return inServerTransaction(services.db, work, { clock: services.clock, isDurable: false })
}

/** In a transaction of its own; the committed order of counts and closings is what other processes see. */
function inServer<T>(
  { db, clock }: Pick<RedeemServices, 'db' | 'clock'>,
  work: (tx: PrivilegedTransaction) => Promise<T>,
): Promise<T> {
  return inServerTransaction(db, work, { clock })
}

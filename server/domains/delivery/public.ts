export { EndedUses } from './ended-uses.ts'
export {
  countBlock,
  endUse,
  type Redeemed,
  recordRefusal,
  redeem,
  type StreamOutcome,
  type TokenFacts,
  TokenLook,
} from './redeem.ts'
export type { Redeemer } from './redeemer.ts'
export { type AttemptReset, resetAttempts } from './reset-attempts.ts'
export { settleExpiredAttempts } from './settle.ts'
export { endWithdrawnStreams } from './streams.ts'

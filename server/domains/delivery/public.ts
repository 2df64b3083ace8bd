export {
  countBlock,
  endUse,
  peekToken,
  type Redeemed,
  recordRefusal,
  redeem,
  type StreamOutcome,
  type TokenFacts,
} from './redeem.ts'
export type { Redeemer } from './redeemer.ts'
export { type AttemptReset, resetAttempts } from './reset-attempts.ts'
export { settleExpiredAttempts } from './settle.ts'
export { endWithdrawnStreams } from './streams.ts'

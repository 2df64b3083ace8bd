import type { AttemptState, CompletionRefusal } from '../../../contract/delivery.ts'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'

const MIB = 1024 * 1024
const HOUR_MS = 3_600_000

/** How long an attempt stays open, ms. */
export const WINDOW_MS = 72 * HOUR_MS
/** How long after its end a paid attempt may be opened again, ms. */
export const REOPEN_MS = 365 * 24 * HOUR_MS
/** How long a token may wait to be used. */
export const TOKEN_SECONDS = 180
/** Refunds in one UTC day of attempts that did send something. */
export const REFUNDS_PER_CONTENT = 3
export const REFUNDS_PER_USER = 20

/** What an attempt may send in all, bytes: enough for bad networks, too little to be a file server. */
export function byteBudget(sizeBytes: number): number {
  return 3 * sizeBytes + 64 * MIB
}

/** Up to this many bytes count as "almost nothing was sent". */
export function refundLimit(sizeBytes: number): number {
  return Math.min(MIB, Math.floor(sizeBytes / 20))
}

export type Ending = 'window' | 'cancelled' | 'byte-budget' | 'device-revoked' | 'access-withdrawn'

export interface EndingFacts {
  readonly sizeBytes: number
  readonly bytesServed: number
  /** Attempts that ended today in `released` although they had sent something: of this content, and in all. */
  readonly refundsToday: { readonly ofContent: number; readonly ofUser: number }
}

/** The state in which an open attempt ends. `released` gives back what it took. */
export function stateAfter(ending: Ending, facts: EndingFacts): 'released' | 'expired_charged' | 'revoked' {
  if (ending === 'access-withdrawn') return 'revoked'
  if (isRefunded(facts)) return 'released'
  return ending === 'device-revoked' ? 'revoked' : 'expired_charged'
}

function isRefunded({ sizeBytes, bytesServed, refundsToday }: EndingFacts): boolean {
  if (bytesServed === 0) return true
  if (bytesServed > refundLimit(sizeBytes)) return false
  return refundsToday.ofContent < REFUNDS_PER_CONTENT && refundsToday.ofUser < REFUNDS_PER_USER
}

/** An attempt as the decisions below see it; times in ms, sizes in bytes. */
export interface AttemptFacts {
  readonly id: string
  readonly state: AttemptState
  readonly closesAt: number
  readonly settledAt: number | null
  readonly objectSha256: string
  readonly sizeBytes: number
  readonly bytesServed: number
  readonly byteBudget: number
  /** What gave access was taken back: a refund, a ban. The end of a plan is none. */
  readonly isWithdrawn: boolean
}

export function isOpen({ state }: Pick<AttemptFacts, 'state'>): boolean {
  return state === 'reserved' || state === 'active'
}

/** Why an open attempt must end now; null while it may go on with one of the ranges that are wanted of it. */
export function endingOf(attempt: AttemptFacts, want: readonly ByteRange[], now: number): Ending | null {
  if (!isOpen(attempt)) return null
  if (attempt.isWithdrawn) return 'access-withdrawn'
  if (attempt.closesAt <= now) return 'window'
  return hasRoom(attempt, want) ? null : 'byte-budget'
}

/** Bytes of the smallest of the ranges, as far as it lies in a file of `sizeBytes`; 0 when none is asked for. */
export function smallestRange(ranges: readonly ByteRange[], sizeBytes: number): number {
  const lengths = ranges.map(([start, end]) => Math.max(0, Math.min(end, sizeBytes - 1) - start + 1))
  return lengths.length === 0 ? 0 : Math.min(...lengths)
}

/** Whether the budget still covers the smallest of the ranges. */
export function hasRoom(
  { sizeBytes, bytesServed, byteBudget: budget }: AttemptFacts,
  want: readonly ByteRange[],
): boolean {
  return bytesServed < budget && bytesServed + smallestRange(want, sizeBytes) <= budget
}

export type AttemptChoice<A extends AttemptFacts> =
  | { readonly kind: 'continue' | 'reopen' | 'repair'; readonly attempt: A }
  | { readonly kind: 'open' }
  | { readonly kind: 'refuse'; readonly code: ErrorCode }

export interface ChoiceFacts<A extends AttemptFacts> {
  /** Of this account, content, format and device, newest first; what had to end has ended. */
  readonly attempts: readonly A[]
  /** The one the client names; it is never replaced by another that would be charged. */
  readonly requestedId: string | undefined
  /** The file that a new attempt would deliver; null while there is none. */
  readonly objectSha256: string | null
  readonly want: readonly ByteRange[]
  readonly now: number
}

/** Which attempt a call of init goes on with. Only `open` is ever charged. */
export function chooseAttempt<A extends AttemptFacts>(facts: ChoiceFacts<A>): AttemptChoice<A> {
  const { attempts, requestedId, objectSha256 } = facts
  if (requestedId !== undefined) {
    const attempt = attempts.find(({ id }) => id === requestedId)
    return attempt === undefined ? { kind: 'refuse', code: 'not-found' } : choiceOf(attempt, facts)
  }
  const open = attempts.find(isOpen)
  if (open !== undefined) return { kind: 'continue', attempt: open }
  const paid = attempts.find(
    (attempt) => attempt.objectSha256 === objectSha256 && choiceOf(attempt, facts).kind === 'reopen',
  )
  return paid === undefined ? { kind: 'open' } : { kind: 'reopen', attempt: paid }
}

function choiceOf<A extends AttemptFacts>(
  attempt: A,
  { want, now }: Pick<ChoiceFacts<A>, 'want' | 'now'>,
): AttemptChoice<A> {
  if (attempt.isWithdrawn) return { kind: 'refuse', code: 'content-revoked' }
  const kind = continuation(attempt, now)
  if (kind === null) return { kind: 'refuse', code: 'attempt-closed' }
  return hasRoom(attempt, want) ? { kind, attempt } : { kind: 'refuse', code: 'byte-budget' }
}

function continuation({ state, settledAt }: AttemptFacts, now: number): 'continue' | 'reopen' | 'repair' | null {
  switch (state) {
    case 'reserved':
    case 'active':
      return 'continue'
    case 'delivered':
      return 'repair'
    case 'expired_charged':
      return settledAt !== null && now - settledAt < REOPEN_MS ? 'reopen' : null
    case 'released':
    case 'revoked':
      return null
  }
}

/** States that use up one of a content's attempts. */
export const COUNTED_STATES = ['reserved', 'active', 'delivered', 'expired_charged'] as const satisfies AttemptState[]

export interface CompletionOutcome {
  readonly refusal: CompletionRefusal | null
  /** The attempt was not delivered until now. */
  readonly isNew: boolean
}

/** What the word that a file has arrived does; saying it twice, or after the window, changes nothing about what was charged. `state` is null for an attempt that is not the caller's. */
export function completionOf(state: AttemptState | null, isWhole: boolean): CompletionOutcome {
  if (state === null) return { refusal: 'not-found', isNew: false }
  if (state === 'released' || state === 'revoked') return { refusal: 'attempt-closed', isNew: false }
  if (!isWhole) return { refusal: 'hash-mismatch', isNew: false }
  return { refusal: null, isNew: state !== 'delivered' }
}

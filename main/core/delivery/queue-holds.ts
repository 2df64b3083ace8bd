import type { DatabaseSync } from 'node:sqlite'
import type { Network } from '../needs.ts'
import type { WaitingStatus } from './retry-rules.ts'
import { countIn, isQueuePaused } from './rows.ts'

/** Downloads that lack room or a folder, after which no more are tried: it is not their own trouble. */
const MOST_IN_TROUBLE = 10

/** What concerns every download alike: while one waits so, no other is begun. */
export const CONCERNS_ALL: readonly WaitingStatus[] = ['waiting-for-drive', 'needs-sign-in', 'needs-device']

export interface HoldNeeds {
  readonly db: DatabaseSync
  readonly network: Network
  /** The limit over all, in bytes per second; null: none. */
  readonly limit: () => number | null
  /** Until when the server is left alone. */
  readonly heldUntil: () => number | null
}

/** True while nothing may be begun, whatever is in the queue. */
export function isQueueHeld({ db, network, limit, heldUntil }: HoldNeeds): boolean {
  return (
    isQueuePaused(db) ||
    !network.isOnline() ||
    limit() === 0 ||
    heldUntil() !== null ||
    countIn(db, 'needs-space') >= MOST_IN_TROUBLE ||
    countIn(db, 'needs-folder') >= MOST_IN_TROUBLE ||
    CONCERNS_ALL.some((status) => countIn(db, status) > 0)
  )
}

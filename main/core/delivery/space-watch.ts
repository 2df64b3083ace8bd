import type { VolumePlan } from '../../../contract/delivery.ts'
import type { Notices } from '../needs.ts'
import type { Clock, Log } from '../ports.ts'

/** Many things are queued in one breath; the room for them is judged once. */
const AFTER_MS = 1_000

/** Warns when what is queued does not fit, once for each shortage: again when it fitted in between. */
export interface SpaceWatch {
  /** What is to come has grown. */
  look(): void
  close(): Promise<void>
}

interface WatchNeeds {
  readonly clock: Clock
  readonly log: Log
  readonly notices: Notices
  readonly plan: () => Promise<readonly VolumePlan[]>
}

export function createSpaceWatch({ clock, log, notices, plan }: WatchNeeds): SpaceWatch {
  let stop: (() => void) | null = null
  let looking: Promise<void> = Promise.resolve()
  /** Volumes that were too small at the last look. */
  let short: ReadonlySet<string> = new Set()
  let isClosed = false

  async function lookNow(): Promise<void> {
    const troubled = (await plan()).filter(({ isConnected, missingBytes }) => isConnected && missingBytes > 0)
    const before = short
    short = new Set(troubled.map(({ name }) => name))
    if (isClosed) return
    for (const { name, missingBytes, isForCopies } of troubled) {
      if (before.has(name)) continue
      const then = isForCopies
        ? 'Crates there take what fits; sync them again when there is space.'
        : 'Downloads go on until the disk is full, and wait then.'
      notices.add(
        'not-enough-space',
        `What is queued does not fit on ${name}: ${megabytes(missingBytes)} more are needed. ${then}`,
      )
    }
  }

  return {
    look() {
      if (isClosed) return
      stop ??= clock.after(AFTER_MS, () => {
        stop = null
        looking = looking
          .then(lookNow)
          .catch((error: unknown) => log.warn({ error }, 'the room for the queue is not known'))
      })
    },
    async close() {
      isClosed = true
      stop?.()
      await looking
    },
  }
}

function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.ceil(bytes / 1e6)} MB`
}

import type { DownloadStatus } from '../../../contract/delivery.ts'

/** How many downloads of the queue are in each state; a state that is left out has none. */
export type QueueCounts = Readonly<Partial<Record<DownloadStatus, number>>>

/** One run of the queue: from the first download that begins until none is left that could. */
export interface QueueRun {
  readonly isOn: boolean
  /** Whether something was at work when it was last looked at. */
  readonly isAtWork: boolean
  /** Downloads that had failed before it. */
  readonly failedBefore: number
}

export const NO_RUN: QueueRun = { isOn: false, isAtWork: false, failedBefore: 0 }

const AT_WORK: readonly DownloadStatus[] = ['preparing', 'downloading', 'verifying']
const OVER: readonly DownloadStatus[] = ['done', 'cancelled', 'ended', 'failed']

/** Whether something is at work, or begins again by itself in a moment. */
export function isBusy(counts: QueueCounts): boolean {
  return countOf(counts, [...AT_WORK, 'stalled']) > 0
}

/**
 * What a look at the queue tells: the run as it now is, and whether it has just run empty by itself. What is paused, held, waits for someone or
 * something, or has failed in this run keeps it from being empty; so does a hand of the user since the last look, which may have emptied it.
 */
export function lookAtQueue(run: QueueRun, counts: QueueCounts, wasTouched: boolean): [QueueRun, boolean] {
  const failed = countOf(counts, ['failed'])
  const isAtWork = countOf(counts, AT_WORK) > 0
  const isLeft = Object.keys(counts).some((status) => {
    const known = status as DownloadStatus
    return !OVER.includes(known) && (counts[known] ?? 0) > 0
  })
  if (!isLeft) return [NO_RUN, run.isAtWork && !wasTouched && failed <= run.failedBefore]
  if (run.isOn) return [{ ...run, isAtWork }, false]
  return [{ isOn: isAtWork, isAtWork, failedBefore: failed }, false]
}

function countOf(counts: QueueCounts, statuses: readonly DownloadStatus[]): number {
  return statuses.reduce((sum, status) => sum + (counts[status] ?? 0), 0)
}

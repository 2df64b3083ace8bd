import type { Failure } from '../../../../contract/errors.ts'
import type { TransferTimings } from '../timings.ts'
import type { CarryJob, CarryOutcome } from './carrier.ts'

/** A job as it goes to another thread: files by their descriptors, which the sender keeps open until the job has ended. */
export type SentJob = Omit<CarryJob, 'part' | 'hints'> & { readonly partFd: number; readonly hintsFd: number }

export interface WorkerStart {
  readonly timings: TransferTimings
}

/** What a worker is told. `mostAtOnce` is one shared integer: the most bytes to read at once, and 0 while nothing holds this job's bytes back. */
export type ToWorker =
  | { readonly type: 'carry'; readonly id: number; readonly job: SentJob; readonly mostAtOnce: Int32Array }
  | { readonly type: 'abort'; readonly id: number }
  | { readonly type: 'shorten'; readonly id: number; readonly end: number }
  | { readonly type: 'paid'; readonly id: number }

/** What a worker tells. A job's last word is `ended` or `failed`. */
export type FromWorker =
  | { readonly type: 'head'; readonly id: number; readonly headers: ReadonlyMap<string, readonly string[]> }
  | { readonly type: 'bytes'; readonly id: number; readonly count: number; readonly next: number }
  | { readonly type: 'segment'; readonly id: number; readonly segment: number; readonly isRight: boolean }
  | { readonly type: 'shortened'; readonly id: number; readonly end: number }
  | { readonly type: 'take'; readonly id: number; readonly bytes: number }
  | { readonly type: 'ended'; readonly id: number; readonly outcome: CarryOutcome }
  | { readonly type: 'failed'; readonly id: number; readonly failure: Failure }

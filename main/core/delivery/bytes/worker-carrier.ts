import { Worker } from 'node:worker_threads'
import { AppError } from '../../../../contract/errors.ts'
import type { TransferTimings } from '../timings.ts'
import type { Carrier, CarryEvents, Carrying, CarryOutcome, Pace } from './carrier.ts'
import type { FromWorker, ToWorker, WorkerStart } from './carrier-messages.ts'
import { LIMITED_READ, READ_MEMORY } from './range-reader.ts'

/** A carrier thread keeps no more than what is on its way. */
const LIMITS = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 64 }

/** Bytes under way in each thread for which another is worth its start and its 15 MB of memory. */
const WORTH_A_THREAD = 64 * 2 ** 20

interface Job {
  /** Of its range. */
  readonly bytes: number
  readonly pace: Pace
  readonly events: CarryEvents
  readonly signal: AbortSignal
  readonly mostAtOnce: Int32Array
  readonly asks: ((end: number) => void)[]
  settle(outcome: () => void): void
  resolve(outcome: CarryOutcome): void
  reject(reason: unknown): void
}

interface Thread {
  readonly worker: Worker
  readonly jobs: Map<number, Job>
}

/**
 * A carrier whose sockets, hashing and writing live in worker threads, so that several cores share the work and the calling thread stays free.
 * The first thread starts with the first job, others when there is much to bring. Part files must be files of the system.
 */
export function openWorkerCarrier({ timings, threads }: { timings: TransferTimings; threads: number }): Carrier {
  const pool: Thread[] = []
  let lastId = 0

  function start(): Thread {
    const workerData: WorkerStart = { timings }
    const worker = new Worker(new URL('./carrier-worker.ts', import.meta.url), { workerData, resourceLimits: LIMITS })
    const thread: Thread = { worker, jobs: new Map() }
    worker.unref()
    worker.on('message', (message: FromWorker) => hear(thread, message))
    worker.on('error', (error) => lose(thread, error))
    worker.on('exit', () => lose(thread, new Error('A carrier thread ended')))
    pool.push(thread)
    return thread
  }

  /** What a thread had under way when it died is tried again by whoever asked for it. */
  function lose(thread: Thread, error: Error) {
    const index = pool.indexOf(thread)
    if (index >= 0) pool.splice(index, 1)
    for (const job of thread.jobs.values())
      job.settle(() => job.reject(new AppError('internal', undefined, undefined, { cause: error })))
    thread.jobs.clear()
  }

  /** A thread without work does not keep the process alive. */
  function forget({ worker, jobs }: Thread, id: number) {
    jobs.delete(id)
    if (jobs.size === 0) worker.unref()
  }

  /** One thread is faster than most lines. */
  function isWorthAnother(): boolean {
    const jobs = pool.flatMap((thread) => [...thread.jobs.values()])
    return jobs.reduce((sum, { bytes }) => sum + bytes, 0) >= WORTH_A_THREAD * pool.length
  }

  function leastBusy(): Thread {
    const idle = pool.find(({ jobs }) => jobs.size === 0)
    if (idle !== undefined) return idle
    if (pool.length === 0 || (pool.length < threads && isWorthAnother())) return start()
    return pool.reduce((best, one) => (one.jobs.size < best.jobs.size ? one : best))
  }

  function hear(thread: Thread, message: FromWorker) {
    const job = thread.jobs.get(message.id)
    if (job === undefined) return
    switch (message.type) {
      case 'head':
        return job.events.head(message.headers)
      case 'bytes':
        Atomics.store(job.mostAtOnce, 0, mostAtOnce(job.pace))
        return job.events.bytes(message.count, message.next)
      case 'segment':
        return job.events.segment(message.segment, message.isRight)
      case 'shortened':
        return job.asks.shift()?.(message.end)
      case 'take':
        void job.pace.take(message.bytes, job.signal).then(() => {
          Atomics.store(job.mostAtOnce, 0, mostAtOnce(job.pace))
          send(thread, { type: 'paid', id: message.id })
        })
        return
      case 'ended':
        forget(thread, message.id)
        return job.settle(() => job.resolve(withBuffer(message.outcome)))
      case 'failed': {
        forget(thread, message.id)
        const { code, message: text, detail } = message.failure
        return job.settle(() => job.reject(job.signal.aborted ? job.signal.reason : new AppError(code, text, detail)))
      }
    }
  }

  return {
    carry({ part, hints, ...job }, pace, events, signal): Carrying {
      const thread = leastBusy()
      const id = ++lastId
      const most = new Int32Array(new SharedArrayBuffer(4))
      Atomics.store(most, 0, mostAtOnce(pace))
      const asks: ((end: number) => void)[] = []
      const outcome = new Promise<CarryOutcome>((resolve, reject) => {
        const abort = () => send(thread, { type: 'abort', id })
        const settle = (settled: () => void) => {
          signal.removeEventListener('abort', abort)
          for (const heard of asks.splice(0)) heard(job.asked.end)
          settled()
        }
        thread.jobs.set(id, {
          bytes: job.asked.end + 1 - job.asked.start,
          pace,
          events,
          signal,
          mostAtOnce: most,
          asks,
          settle,
          resolve,
          reject,
        })
        thread.worker.ref()
        signal.addEventListener('abort', abort, { once: true })
        send(thread, { type: 'carry', id, job: { ...job, partFd: part.fd, hintsFd: hints.fd }, mostAtOnce: most })
        if (signal.aborted) abort()
      })
      return {
        outcome,
        shorten: (end) =>
          new Promise((resolve) => {
            if (!thread.jobs.has(id)) return resolve(job.asked.end)
            asks.push(resolve)
            send(thread, { type: 'shorten', id, end })
          }),
      }
    },
    async close() {
      await Promise.all(pool.splice(0).map(({ worker }) => worker.terminate()))
    },
  }
}

function send({ worker }: Thread, message: ToWorker): void {
  worker.postMessage(message)
}

/** A buffer comes through as plain bytes. */
function withBuffer(outcome: CarryOutcome): CarryOutcome {
  return outcome.kind === 'problem' ? { ...outcome, body: Buffer.from(outcome.body) } : outcome
}

/** What a worker is to know of a pace: how much to read at once, 0 while nothing limits it. */
function mostAtOnce(pace: Pace): number {
  return pace.isLimited() ? Math.min(READ_MEMORY, pace.mostAtOnce?.() ?? LIMITED_READ) : 0
}

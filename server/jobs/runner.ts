import { asCaller, asServer, type ServerTransaction } from '../db/transaction.ts'
import type { ServerServices } from '../services.ts'
import { declareJob, finishJob, leaseJob } from './rows.ts'

/** Work that some server process does every `intervalSeconds`; what it answers is kept with the run. */
export interface Job {
  readonly name: string
  readonly intervalSeconds: number
  run(services: ServerServices): Promise<object>
}

const LEASE_MS = 5 * 60_000
const LOOK_EVERY_MS = 5_000

/** Runs the jobs that are due now and that no other process holds. A failing job is written down and does not stop the others. */
async function runDueJobs(services: ServerServices, jobs: readonly Job[]): Promise<void> {
  const { db, clock, random, log } = services
  const inServer = <T>(work: (tx: ServerTransaction) => Promise<T>): Promise<T> =>
    asCaller(db, { role: 'anon' }, (tx) => asServer(tx, work), { clock })
  const owner = random.uuid()
  for (const job of jobs) {
    const startedAt = new Date(clock.now())
    const isOurs = await inServer(async (tx) => {
      await declareJob(tx, job.name, job.intervalSeconds)
      return leaseJob(tx, job.name, owner, startedAt, new Date(startedAt.getTime() + LEASE_MS))
    })
    if (!isOurs) continue
    const outcome = await job.run(services).then(
      (details) => ({ ok: true, details }),
      (error: unknown) => {
        log.error({ job: job.name, err: error }, 'a job failed')
        return { ok: false, details: {} }
      },
    )
    await inServer((tx) => finishJob(tx, job.name, owner, { startedAt, finishedAt: new Date(clock.now()), ...outcome }))
  }
}

/** Looks for due jobs every few seconds until stopped; `stop` waits for the one under way. */
export function startJobs(services: ServerServices, jobs: readonly Job[]): { stop(): Promise<void> } {
  let underWay = Promise.resolve()
  let isIdle = true
  const look = (): void => {
    if (!isIdle) return
    isIdle = false
    underWay = runDueJobs(services, jobs)
      .catch((error: unknown) => services.log.error({ err: error }, 'jobs could not be looked at'))
      .finally(() => {
        isIdle = true
      })
  }
  const timer = setInterval(look, LOOK_EVERY_MS)
  timer.unref()
  return {
    async stop() {
      clearInterval(timer)
      await underWay
    },
  }
}

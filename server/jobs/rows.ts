import { sql } from 'kysely'
import type { ServerTransaction } from '../db/transaction.ts'

/** Makes the job's row if there is none; its interval follows the code. */
export async function declareJob(tx: ServerTransaction, name: string, intervalSeconds: number): Promise<void> {
  await sql`insert into jobs (name, interval_seconds) values (${name}, ${intervalSeconds})
    on conflict (name) do update set interval_seconds = excluded.interval_seconds`.execute(tx)
}

/** Leases the job if it is due and nobody holds it: of several server processes one wins. */
export async function leaseJob(
  tx: ServerTransaction,
  name: string,
  owner: string,
  now: Date,
  leaseUntil: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('jobs')
    .set({ lease_owner: owner, lease_until: leaseUntil })
    .where('name', '=', name)
    .where('run_at', '<=', now)
    .where((row) => row.or([row('lease_until', 'is', null), row('lease_until', '<', now)]))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Writes down a run and says when the next one is due. */
export async function finishJob(
  tx: ServerTransaction,
  name: string,
  owner: string,
  run: { startedAt: Date; finishedAt: Date; ok: boolean; details: object },
): Promise<void> {
  await sql`update jobs set lease_owner = null, lease_until = null, run_at = ${run.startedAt}::timestamptz + make_interval(secs => interval_seconds)
    where name = ${name} and lease_owner = ${owner}`.execute(tx)
  await tx
    .insertInto('job_runs')
    .values({
      job: name,
      started_at: run.startedAt,
      finished_at: run.finishedAt,
      ok: run.ok,
      details: JSON.stringify(run.details),
    })
    .execute()
}

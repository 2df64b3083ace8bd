import { asCaller, asServer } from '../db/transaction.ts'
import { endOverduePayments, sendDueRefunds } from '../domains/commerce/public.ts'
import { settleExpiredAttempts } from '../domains/delivery/public.ts'
import { forgetExpiredKeys } from '../idempotency/rows.ts'
import { sendQueuedMails } from '../mail/send-queued.ts'
import { sweepBuckets } from '../rate-limits/buckets.ts'
import type { Job } from './runner.ts'

/** Everything that happens without a request. Each only tidies up: no rule waits for a job to have run. */
export const serverJobs: readonly Job[] = [
  {
    name: 'settle-attempts',
    intervalSeconds: 60,
    run: async ({ db, clock }) => ({ settled: await settleExpiredAttempts(db, clock) }),
  },
  {
    name: 'end-overdue-payments',
    intervalSeconds: 60,
    run: async (services) => ({ ended: await endOverduePayments(services) }),
  },
  { name: 'send-refunds', intervalSeconds: 30, run: async (services) => ({ sent: await sendDueRefunds(services) }) },
  { name: 'send-mail', intervalSeconds: 15, run: async (services) => ({ sent: await sendQueuedMails(services) }) },
  {
    name: 'forget-idempotency-keys',
    intervalSeconds: 3600,
    run: async ({ db, clock }) => ({
      forgotten: await asCaller(db, { role: 'anon' }, (tx) =>
        asServer(tx, (serverTx) => forgetExpiredKeys(serverTx, new Date(clock.now()))),
      ),
    }),
  },
  {
    name: 'forget-rate-limits',
    intervalSeconds: 3600,
    run: async ({ db, clock }) => ({ forgotten: await sweepBuckets(db, clock.now()) }),
  },
]

import { asCaller, asServer, type ServerTransaction } from '../db/transaction.ts'
import type { Mail } from '../ports.ts'
import type { ServerServices } from '../services.ts'
import { insertMail, lockQueuedMails, markMail } from './rows.ts'

const MOST_AT_ONCE = 50

/** Queues a mail in the transaction of what it tells of: it is sent only if that happens, and once for each `dedupeKey`. */
export function queueMail(
  tx: ServerTransaction,
  mail: Mail,
  about: { readonly template: string; readonly dedupeKey: string },
): Promise<void> {
  return asServer(tx, (server) => insertMail(server, mail, about))
}

/** Hands queued mails to the mailer; answers how many went and how many failed. */
export async function sendQueuedMails({
  db,
  clock,
  mailer,
  log,
}: Pick<ServerServices, 'db' | 'clock' | 'mailer' | 'log'>): Promise<{ sent: number; failed: number }> {
  return asCaller(db, { role: 'anon' }, (tx) =>
    asServer(tx, async (server) => {
      const count = { sent: 0, failed: 0 }
      for (const { id, to, payload } of await lockQueuedMails(server, MOST_AT_ONCE)) {
        const error = await mailer.send({ to, ...payload }).then(
          () => null,
          (reason: unknown) => (reason instanceof Error ? reason.message : 'unknown'),
        )
        await markMail(server, id, new Date(clock.now()), error)
        if (error === null) count.sent += 1
        else count.failed += 1
        if (error !== null) log.warn({ mail: id }, 'a mail could not be sent')
      }
      return count
    }),
  )
}

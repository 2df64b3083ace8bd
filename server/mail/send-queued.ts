import { asCaller, asServer } from '../db/transaction.ts'
import type { ServerServices } from '../services.ts'
import { newDeviceMail } from './new-device.ts'
import { receiptMail } from './receipt.ts'
import { lockQueuedMails, markMail } from './rows.ts'

const BATCH = 20
const TEMPLATES: Readonly<Record<string, (payload: unknown) => { subject: string; text: string }>> = {
  receipt: receiptMail,
  'new-device': newDeviceMail,
}

/** Sends the mails that wait in the outbox table. One that can not be written is marked failed, with the reason. Answers how many went. */
export async function sendQueuedMails({
  db,
  clock,
  mailer,
  log,
}: Pick<ServerServices, 'db' | 'clock' | 'mailer' | 'log'>): Promise<number> {
  return asCaller(
    db,
    { role: 'anon' },
    (tx) =>
      asServer(tx, async (serverTx) => {
        let sent = 0
        for (const { id, to, template, payload } of await lockQueuedMails(serverTx, BATCH)) {
          try {
            const write = TEMPLATES[template]
            if (write === undefined) throw new Error(`There is no mail template ${template}`)
            await mailer.send({ to, ...write(payload) })
            await markMail(serverTx, id, { state: 'sent', sentAt: new Date(clock.now()), error: null })
            sent += 1
          } catch (error) {
            log.error({ err: error, template }, 'a mail could not be sent')
            await markMail(serverTx, id, {
              state: 'failed',
              sentAt: null,
              error: error instanceof Error ? error.message : String(error),
            })
          }
        }
        return sent
      }),
    { clock },
  )
}

import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import { type AuditEntry, recordAudit } from '../audit/public.ts'
import { accountWithEmail } from '../identity/public.ts'
import { markReset } from './attempt-rows.ts'
import { insertLog } from './log-rows.ts'

export interface AttemptReset {
  readonly userMail: string
  /** The content's id, whatever its type. */
  readonly content: string
  readonly actor: AuditEntry['actor']
}

/** Gives an account its attempts on a content back, on the record. Answers how many there were. Throws `not-found`. */
export async function resetAttempts(
  tx: ServerTransaction,
  { userMail, content, actor }: AttemptReset,
): Promise<number> {
  const contentId = z.uuid().safeParse(content)
  if (!contentId.success) throw new AppError('not-found', 'There is no content with that id.')
  const account = await accountWithEmail(tx, userMail)
  const count = await asServer(tx, async (server) => {
    const reset = await markReset(server, { userId: account.id, contentId: contentId.data })
    await insertLog(server, { event: 'reset', userId: account.id, reason: `${reset} attempts on ${contentId.data}` })
    return reset
  })
  await recordAudit(tx, {
    actor,
    action: 'attempts.reset',
    target: { type: 'profile', id: account.id },
    before: { contentId: contentId.data, attempts: count },
    after: { contentId: contentId.data, attempts: 0 },
  })
  return count
}

import { asCaller } from '../db/transaction.ts'
import { resetAttempts as resetAttemptsOf } from '../domains/delivery/public.ts'
import type { ServerServices } from '../services.ts'

/** Gives an account its download attempts on a content back, on the record; answers how many. Throws `not-found`. */
export function resetAttempts(
  { db, clock }: Pick<ServerServices, 'db' | 'clock'>,
  { mail, content }: { mail: string; content: string },
): Promise<number> {
  return asCaller(
    db,
    { role: 'anon' },
    (tx) => resetAttemptsOf(tx, { userMail: mail, content, actor: { label: 'command line' } }),
    { clock },
  )
}

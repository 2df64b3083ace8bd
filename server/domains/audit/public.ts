import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import type { AbuseFlag, AuditEntry } from './records.ts'
import { insertAuditEntry, insertFlag } from './rows.ts'

export type { AbuseFlag, AuditEntry, FlagKind } from './records.ts'

/** Records a deed for good: entries are never changed or deleted. */
export function recordAudit(tx: ServerTransaction, entry: AuditEntry): Promise<void> {
  return asServer(tx, (server) => insertAuditEntry(server, entry))
}

/** Raises a flag. A request that is refused raises it in a transaction of its own, or the refusal would take it back. */
export function raiseFlag(tx: ServerTransaction, flag: AbuseFlag): Promise<void> {
  return asServer(tx, (server) => insertFlag(server, flag))
}

import type { PrivilegedTransaction } from '../../db/transaction.ts'
import type { AbuseFlag, AuditEntry } from './records.ts'

export async function insertAuditEntry(tx: PrivilegedTransaction, entry: AuditEntry): Promise<void> {
  const { actor, action, target, before, after, address, deviceId, requestId } = entry
  await tx
    .insertInto('admin_audit_logs')
    .values({
      ...('userId' in actor ? { actor_id: actor.userId } : { actor_label: actor.label }),
      action,
      target_type: target?.type ?? null,
      target_id: target?.id ?? null,
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
      ip_address: address ?? null,
      device_id: deviceId ?? null,
      request_id: requestId ?? null,
    })
    .execute()
}

export async function insertFlag(tx: PrivilegedTransaction, flag: AbuseFlag): Promise<void> {
  const { kind, severity, userId, deviceId, address, details } = flag
  await tx
    .insertInto('abuse_flags')
    .values({
      kind,
      severity,
      user_id: userId,
      device_id: deviceId,
      ip_address: address,
      details: JSON.stringify(details ?? {}),
    })
    .execute()
}

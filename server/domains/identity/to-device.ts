import type { Device } from '../../../contract/identity.ts'
import type { DeviceRow } from './rows.ts'

/** A device as its owner sees it. */
export function toDevice({ id, jkt, name, platform, kind, createdAt, lastSeenAt, revokedAt }: DeviceRow): Device {
  return {
    id,
    thumbprint: jkt,
    name,
    platform,
    kind,
    createdAt: createdAt.toISOString(),
    lastSeenAt: lastSeenAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
  }
}

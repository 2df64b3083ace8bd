import { z } from 'zod'
import { Account, Device } from '../../../contract/identity.ts'
import type { SettingsStore } from '../ports.ts'

/** Who is signed in on this computer, beside the secrets: known with no network and after the session has run out. */
export const AccountRecord = z.object({ account: Account, device: Device.nullable() })
export type AccountRecord = z.infer<typeof AccountRecord>

const NAME = 'accountInUse'

export function readAccountRecord(settings: SettingsStore): AccountRecord | null {
  const parsed = AccountRecord.safeParse(settings.readValue(NAME))
  return parsed.success ? parsed.data : null
}

export function writeAccountRecord(settings: SettingsStore, record: AccountRecord | null): void {
  settings.writeValue(NAME, record)
}

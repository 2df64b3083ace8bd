import type { ContentRef } from '../../../contract/values.ts'
import type { FileFormat } from '../catalogue/public.ts'
import type { AttemptFacts } from './rules.ts'

/** A download attempt as the server keeps it; times in ms, sizes in bytes. */
export interface Attempt extends AttemptFacts {
  readonly userId: string
  readonly deviceId: string
  readonly ref: ContentRef
  readonly format: FileFormat
  readonly source: 'purchase' | 'fan_entitlement' | 'subscription'
  /** The usage row a refund goes to; null when nothing was taken from a plan. */
  readonly usageId: string | null
  /** Networks it may be fetched from, in CIDR form, oldest first, by address family. */
  readonly networks: { readonly 4: readonly string[]; readonly 6: readonly string[] }
  readonly rebinds: number
}

/** Whose attempts on what: the lock of every decision about them. */
export interface Holder {
  readonly userId: string
  readonly ref: ContentRef
}

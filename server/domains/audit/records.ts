/** Who did what to what. Written in the transaction of the deed: no record, no deed. */
export interface AuditEntry {
  /** An account, or where none acted a label such as `command line`. */
  readonly actor: { readonly userId: string } | { readonly label: string }
  /** Verb and object, `attempts.reset`. */
  readonly action: string
  readonly target?: { readonly type: string; readonly id: string }
  readonly before?: Readonly<Record<string, unknown>>
  readonly after?: Readonly<Record<string, unknown>>
  readonly address?: string
  readonly deviceId?: string
  readonly requestId?: string
}

export type FlagKind =
  | 'token_replay'
  | 'ip_mismatch'
  | 'ip_alternation'
  | 'device_mismatch'
  | 'many_ips'
  | 'many_failures'
  | 'rate_limit'
  | 'file_leak'
  | 'manual'

/** A sign of abuse for people to look at; it refuses nothing by itself. */
export interface AbuseFlag {
  readonly kind: FlagKind
  readonly severity: 'low' | 'medium' | 'high'
  readonly userId: string | null
  readonly deviceId: string | null
  readonly address: string | null
  readonly details?: Readonly<Record<string, unknown>>
}

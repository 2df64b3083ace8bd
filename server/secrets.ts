/** Secrets that all processes of a server share, by name: `nonce-key`, `jwt-keys`, `ticket-key`, `webhook-sandbox`. */
export interface ServerSecrets {
  /** The present value first, then the previous one during a rotation. Made once, under a lock, where it may be. */
  get(name: string): Promise<readonly [current: string, ...previous: string[]]>
}

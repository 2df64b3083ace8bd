/** Who uses a token, as the server itself has established it. */
export interface Redeemer {
  readonly userId: string
  readonly deviceId: string
  readonly address: string
}

import type { Proof } from '../../contract/call.ts'
import type { CallerFacts } from '../context.ts'

/** What a request brings to prove who makes it. */
export interface RequestProof {
  readonly method: string
  /** The path without the query; the proof's `htu` is the public origin and this. */
  readonly path: string
  readonly authorization: string | undefined
  /** Every `DPoP` header that came; exactly one is allowed. */
  readonly dpop: readonly string[]
  /** The download token that the proof must name in `dlt`; null where there is none. */
  readonly downloadToken: string | null
  readonly address: string
}

/** Who makes a request, established from its session and its device proof. */
export interface ServerAuth {
  /**
   * Throws `not-signed-in`, `session-expired`, `account-suspended`, `use-dpop-nonce`, `invalid-dpop-proof`, `device-unknown`, `device-revoked`.
   * Replay records are written in a transaction of their own.
   */
  authenticate(request: RequestProof, proof: Proof): Promise<CallerFacts>
  /** The nonce that the next proof should carry; sent as `DPoP-Nonce` with every reply. */
  currentNonce(): Promise<string>
}

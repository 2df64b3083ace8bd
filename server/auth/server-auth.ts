import type { Proof } from '../../contract/call.ts'
import type { CallerFacts } from '../context.ts'
import type { PrivilegedTransaction } from '../db/transaction.ts'

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

/** What is done in the transaction that establishes the caller, to save another one. */
export interface Beside {
  /** The network (CIDR) to count against the limit of all calls; then a request may be `rate-limited`. */
  readonly network?: string
  /** Runs once the caller is established; when it throws, the proof counts as used all the same. */
  readonly look?: (tx: PrivilegedTransaction, caller: CallerFacts) => Promise<void>
}

/** Who makes a request, established from its session and its device proof. */
export interface ServerAuth {
  /**
   * Throws `not-signed-in`, `session-expired`, `account-suspended`, `use-dpop-nonce`, `invalid-dpop-proof`, `device-unknown`, `device-revoked`.
   * Replay records are written in a transaction of their own.
   */
  authenticate(request: RequestProof, proof: Proof, beside?: Beside): Promise<CallerFacts>
  /** The nonce that the next proof should carry; sent as `DPoP-Nonce` with every reply. */
  currentNonce(): Promise<string>
}

import type { Proof } from '../../contract/call.ts'
import type { CallerFacts } from '../context.ts'
import type { Statement } from '../db/transaction.ts'
import type { Bucket } from '../rate-limits/buckets.ts'

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
  /** What else a call counts, once its caller is established, all of it or nothing; where a device proves itself. */
  readonly limits?: (who: { readonly userId: string; readonly thumbprint: string }) => readonly Bucket[]
  /** A statement that changes nothing and is sent along where a device proves itself. Its rows come also when the caller is refused. */
  readonly look?: Look
}

export interface Look {
  /** The device is known by its key alone. It must begin with the given prefix. */
  statement(prefix: Statement, thumbprint: string): Statement
  take(rows: readonly unknown[]): void
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

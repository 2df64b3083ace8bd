import { AppError } from '../contract/errors.ts'
import type { ServerConfig } from './config.ts'
import type { PrivilegedTransaction, ServerTransaction } from './db/transaction.ts'
import type { OpenStreams } from './open-streams.ts'
import type { Clock, Log, Mailer, ObjectStore, PaymentProvider, Random } from './ports.ts'

/** Who makes a call and from where, as the server itself has established it. */
export interface CallerFacts {
  readonly userId: string | null
  readonly sessionId: string | null
  /** When the session began with a password or another first factor, ms; null for an anonymous caller. */
  readonly signedInAt: number | null
  /** The registered device whose key signed the proof. */
  readonly device: { readonly id: string; readonly thumbprint: string } | null
  /** A key that signed the proof and may not be registered yet. */
  readonly key: { readonly thumbprint: string; readonly publicJwk: Readonly<Record<string, unknown>> } | null
  /** The client's address: the socket's, or what a trusted proxy says. IPv4-mapped IPv6 is written as IPv4. */
  readonly address: string
}

/** Everything a handler may ask for; each names what it uses with `Needs`. */
export interface CallContext {
  /** The call's transaction, under the caller's database role. Phased handlers have none. */
  readonly tx: ServerTransaction
  /** A transaction of its own under the caller's role: for phased handlers, which talk to a vendor in between. */
  readonly transact: <T>(work: (tx: ServerTransaction) => Promise<T>) => Promise<T>
  /** A transaction of its own with the server's rights: for phased handlers that read and write nothing as their caller. */
  readonly transactAsServer: <T>(work: (tx: PrivilegedTransaction) => Promise<T>) => Promise<T>
  /** Runs after the call's transaction has ended, committed or not, in one of its own: refusals are recorded so. */
  readonly afterwards: (work: (tx: ServerTransaction) => Promise<void>) => void
  readonly caller: CallerFacts
  readonly requestId: string
  /** The `Idempotency-Key` of the request, where the call has one. */
  readonly idempotencyKey: string | null
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly config: ServerConfig
  readonly objects: ObjectStore
  readonly streams: OpenStreams
  readonly payments: ReadonlyMap<string, PaymentProvider>
  readonly mailer: Mailer
}

export type Needs<K extends keyof CallContext> = Pick<CallContext, K>

export interface SignedIn extends CallerFacts {
  readonly userId: string
  readonly sessionId: string
  readonly signedInAt: number
}

/** The caller as an account; throws `not-signed-in`. */
export function signedIn(caller: CallerFacts): SignedIn {
  const { userId, sessionId, signedInAt } = caller
  if (userId === null || sessionId === null || signedInAt === null) throw new AppError('not-signed-in')
  return { ...caller, userId, sessionId, signedInAt }
}

/** The caller's registered device; throws `device-unknown`. */
export function callersDevice(caller: CallerFacts): { readonly id: string; readonly thumbprint: string } {
  if (caller.device === null) throw new AppError('device-unknown')
  return caller.device
}

const PHASED = Symbol('phased')

/** Marks a handler that talks to a vendor: it runs outside a transaction and opens its own with `transact`. */
export function phased<H extends (context: never, input: never) => Promise<unknown>>(handler: H): H {
  return Object.assign(handler, { [PHASED]: true })
}

export function isPhased(handler: object): boolean {
  return PHASED in handler
}

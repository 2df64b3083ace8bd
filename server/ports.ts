import type { Readable } from 'node:stream'
import type { Money } from '../contract/values.ts'

/** The time, in milliseconds since 1970 UTC. */
export interface Clock {
  now(): number
}

export interface Random {
  bytes(length: number): Buffer
  uuid(): string
}

/** Structured log; values pass the redaction of the logger. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Facts of a stored object; `etag` is opaque and belongs to the store. */
export interface StoredObject {
  readonly key: string
  readonly sizeBytes: number
}

/** An object that can be read in place. Close it. */
export interface OpenObject {
  readonly sizeBytes: number
  /** Fills the buffer from `position` on, as far as the object goes; answers how many bytes. Throws `storage-unavailable`. */
  read(buffer: Buffer, position: number): Promise<number>
  close(): Promise<void>
}

/** Immutable objects by key. Keys are content addresses, so writing one again changes nothing. */
export interface ObjectStore {
  /** Null when there is no such object. Throws `storage-unavailable` when the store can not be asked. */
  head(key: string): Promise<StoredObject | null>
  /** The bytes `start` to `end`, both inclusive. Throws `storage-unavailable`. */
  read(key: string, start: number, end: number, signal?: AbortSignal): Promise<Readable>
  /** The object as a file of this computer, which is the fastest way to send it; stores elsewhere do not have it. Throws `storage-unavailable`, also when there is no such object. */
  readonly open?: ((key: string) => Promise<OpenObject>) | undefined
  /** Stores the file at `path`, whose SHA-256 (hex) is known; atomic, durable, and a no-op when the key exists. */
  putFile(key: string, path: string, facts: { sha256: string; sizeBytes: number; mimeType: string }): Promise<void>
  delete(key: string): Promise<void>
}

export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
}
export interface Mailer {
  send(mail: Mail): Promise<void>
}

export type ProcessorName = 'sandbox' | 'stripe' | 'razorpay' | 'paypal'

/** What a provider says of one of its payments. */
export interface ProviderPayment {
  readonly providerOrderId: string
  readonly providerPaymentId: string | null
  readonly status: 'pending' | 'authorized' | 'captured' | 'failed' | 'cancelled' | 'refunded'
  readonly amount: Money
}

/** A webhook whose signature holds. `eventId` is the provider's, unique for it. */
export interface ProviderEvent {
  readonly eventId: string
  readonly type: string
  readonly payment: ProviderPayment
  /** The body as it came, to be kept as a record. */
  readonly payload: unknown
}

/** One payment vendor. No call of it may happen inside a database transaction. */
export interface PaymentProvider {
  readonly name: ProcessorName
  /** Opens an order and names the hosted page to pay on. The same `paymentId` gives the same order. */
  createOrder(order: {
    paymentId: string
    amount: Money
    description: string
    /** Where the page sends the browser afterwards; the payment's id is appended as the last path part or query. */
    returnTo: string
    /** Milliseconds since 1970. */
    expiresAt: number
  }): Promise<{ providerOrderId: string; checkoutAddress: string }>
  /** The present state, from the provider; null when it knows no such order. */
  fetchPayment(providerOrderId: string): Promise<ProviderPayment | null>
  /** Gives the whole amount back; asking again is harmless. */
  refund(payment: { providerOrderId: string; providerPaymentId: string; amount: Money; reason: string }): Promise<void>
  /** Checks the signature over the raw bytes, then reads the event. Throws `bad-signature`. */
  readWebhook(headers: Readonly<Record<string, string | undefined>>, body: Buffer): Promise<ProviderEvent>
}

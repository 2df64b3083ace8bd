interface ErrorRow {
  /** The HTTP status (0: it never crosses HTTP). */
  readonly status: number
  /** What an automatic retry may do: nothing, the same call later, or the same with a fresh token or session. */
  readonly retry: 'never' | 'later' | 'fresh-token' | 'fresh-session'
  /** The `title` of the problem document (RFC 9457). */
  readonly title: string
}

const row = (status: number, retry: ErrorRow['retry'], title: string): ErrorRow => ({ status, retry, title })

/** Every failure a caller is expected to handle, and what each side does with it. */
export const ERRORS = {
  // Requests
  'invalid-input': row(422, 'never', 'The input is not valid'),
  'malformed-request': row(400, 'never', 'The request can not be read'),
  'too-large': row(413, 'never', 'The request is too large'),
  'wrong-host': row(421, 'never', 'This server does not answer for that host name'),
  'unknown-call': row(404, 'never', 'There is no such call'),
  'not-found': row(404, 'never', 'There is no such thing'),
  'not-allowed': row(403, 'never', 'This account may not do that'),
  'rate-limited': row(429, 'later', 'Too many requests'),
  'idempotency-mismatch': row(422, 'never', 'The idempotency key was used for another request'),
  'idempotency-in-progress': row(409, 'later', 'The same request is still being worked on'),
  'server-busy': row(503, 'later', 'The server is busy'),
  internal: row(500, 'later', 'Something went wrong on our side'),
  // Sign-in and devices
  'not-signed-in': row(401, 'fresh-session', 'Sign in first'),
  'session-expired': row(401, 'never', 'The session has ended'),
  'invalid-credentials': row(400, 'never', 'The e-mail address or the password is wrong'),
  'account-exists': row(422, 'never', 'This e-mail address can not be used to sign up'),
  'email-unconfirmed': row(403, 'never', 'Confirm the e-mail address first'),
  'weak-password': row(422, 'never', 'The password is too weak'),
  'code-expired': row(403, 'never', 'The code is wrong or too old'),
  'account-suspended': row(403, 'never', 'This account is suspended'),
  'fresh-sign-in-required': row(403, 'never', 'Sign in again to do this'),
  'use-dpop-nonce': row(401, 'fresh-session', 'The proof needs a fresh nonce'),
  'invalid-dpop-proof': row(401, 'never', 'The device proof is not valid'),
  'device-unknown': row(401, 'never', 'This device is not registered'),
  'device-revoked': row(403, 'never', 'This device was removed from the account'),
  'device-limit': row(409, 'never', 'The account has all its devices in use'),
  // Catalogue and checkout
  'already-owned': row(409, 'never', 'You already own this'),
  'not-for-sale': row(422, 'never', 'This is not sold by itself'),
  'payment-not-open': row(409, 'never', 'The payment is no longer open'),
  'bad-signature': row(400, 'never', 'The signature is wrong'),
  'payment-mismatch': row(409, 'never', 'The payment does not match the order'),
  // Entitlement
  'no-entitlement': row(403, 'never', 'You do not have access to this'),
  'super-plan-required': row(403, 'never', 'This is for members of the Super plan'),
  'subscription-expired': row(403, 'never', 'The plan has ended'),
  'quota-exhausted': row(403, 'never', 'The plan has nothing left this period'),
  'attempts-exhausted': row(403, 'never', 'No download attempts are left'),
  // Delivery
  'token-unknown': row(404, 'fresh-token', 'The download token is not known'),
  'token-used': row(409, 'fresh-token', 'The download token was used'),
  'token-expired': row(410, 'fresh-token', 'The download token has expired'),
  'token-wrong-device': row(403, 'never', 'The download token belongs to another device'),
  'attempt-closed': row(410, 'fresh-token', 'The download attempt is closed'),
  'content-revoked': row(403, 'never', 'Access to this was withdrawn'),
  'content-changed': row(412, 'fresh-token', 'The file has changed'),
  'range-not-granted': row(403, 'fresh-token', 'The token does not cover that range'),
  'range-not-satisfiable': row(416, 'fresh-token', 'The range is outside the file'),
  'overlapping-ranges': row(422, 'never', 'The ranges overlap'),
  'ip-locked': row(403, 'fresh-token', 'The download is bound to another network'),
  'rebind-limit': row(403, 'never', 'The network changed too often'),
  'byte-budget': row(403, 'fresh-token', 'The attempt has sent more than its budget'),
  'hash-mismatch': row(409, 'never', 'The hash is not that of the file'),
  'storage-unavailable': row(503, 'later', 'The file store can not be reached'),
  'format-not-offered': row(422, 'never', 'The store does not have it in that format'),
  'method-not-allowed': row(405, 'never', 'That method is not allowed here'),
  // Crates
  'crate-exists': row(409, 'never', 'A crate with this name exists'),
  'revision-conflict': row(409, 'never', 'The crate was changed elsewhere'),
  // On this computer
  offline: row(0, 'later', 'There is no connection to the server'),
  'slow-connection': row(0, 'later', 'The connection is very slow'),
  'proxy-refused': row(0, 'later', 'The proxy of this network refused the connection'),
  'metered-connection': row(0, 'later', 'The connection is metered'),
  'captive-portal': row(0, 'later', 'A network page answers instead of the server'),
  'untrusted-server': row(0, 'never', 'The server can not be trusted'),
  'corrupt-source': row(0, 'later', 'The bytes that arrive are damaged'),
  'disk-full': row(0, 'later', 'There is not enough space on the disk'),
  'drive-missing': row(0, 'later', 'The drive is not connected'),
  'folder-missing': row(0, 'later', 'The folder is not there'),
  'folder-not-writable': row(0, 'later', 'The folder can not be written to'),
  'disk-error': row(0, 'later', 'The disk reported an error'),
  'no-secret-store': row(0, 'never', 'Secrets can not be kept on this computer'),
  'data-in-use': row(0, 'never', 'Another MixMint uses this data folder'),
  'database-in-use': row(0, 'never', 'Another process uses this database folder'),
  'newer-data': row(0, 'never', 'The data were written by a newer version'),
  'invalid-config': row(0, 'never', 'The configuration is not valid'),
  'not-on-this-disk': row(404, 'never', 'The file is not on this computer'),
  'not-downloadable': row(409, 'never', 'The download is not in a state that allows this'),
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof ERRORS

export type ErrorDetail = Readonly<Record<string, unknown>>

/** A failure that a caller is expected to handle. Thrown inside a process; sent between processes as `Failure`. */
export class AppError extends Error {
  override readonly name = 'AppError'
  readonly code: ErrorCode
  readonly detail: ErrorDetail | undefined
  constructor(code: ErrorCode, message: string = ERRORS[code].title, detail?: ErrorDetail, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.detail = detail
  }
}

export interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly detail?: ErrorDetail
}

export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure }

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(ERRORS, text)
}

/** Runs `work` and turns its outcome into the one shape that crosses every boundary; `onBug` sees what was not expected and returns its reference. */
export async function toReply<T>(work: () => Promise<T>, onBug: (error: unknown) => string): Promise<Reply<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    if (error instanceof AppError) return { ok: false, error: toFailure(error) }
    const reference = onBug(error)
    return { ok: false, error: { code: 'internal', message: ERRORS.internal.title, detail: { reference } } }
  }
}

export function toFailure({ code, message, detail }: AppError): Failure {
  return detail === undefined ? { code, message } : { code, message, detail }
}

/** The value of a reply; throws the `AppError` it carries. */
export function fromReply<T>(reply: Reply<T>): T {
  if (reply.ok) return reply.value
  throw new AppError(reply.error.code, reply.error.message, reply.error.detail)
}

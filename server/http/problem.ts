import { type AppError, ERRORS, type ErrorCode } from '../../contract/errors.ts'

/** An error as HTTP carries it: RFC 9457 `application/problem+json`. */
export interface Problem {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: {
    readonly type: string
    readonly title: string
    readonly status: number
    readonly detail: string
    readonly code: string
    readonly requestId: string
    readonly errors?: unknown
    readonly facts?: unknown
  }
}

const DEFAULT_RETRY_SECONDS = 5

/** Renders a failure for a caller: never a stack, a statement or a secret. */
export function toProblem({ code, message, detail }: AppError, requestId: string): Problem {
  const { status, title } = ERRORS[code]
  const { errors, retryAfterSeconds, ...facts } = detail ?? {}
  const isForLater = status === 429 || status === 503
  return {
    // A code that never crosses HTTP has status 0; reaching this line with one is a bug of ours.
    status: status === 0 ? 500 : status,
    headers: {
      'content-type': 'application/problem+json; charset=utf-8',
      ...(status === 401 ? { 'www-authenticate': challengeOf(code) } : {}),
      ...(isForLater ? { 'retry-after': String(Math.ceil(Number(retryAfterSeconds ?? DEFAULT_RETRY_SECONDS))) } : {}),
    },
    body: {
      type: `urn:mixmint:error:${code}`,
      title,
      status,
      detail: message,
      code,
      requestId,
      ...(errors === undefined ? {} : { errors }),
      ...(Object.keys(facts).length === 0 ? {} : { facts }),
    },
  }
}

/** What a refused client should bring instead (RFC 9110 §11.6.1, RFC 9449 §7.1 and §9). */
function challengeOf(code: ErrorCode): string {
  if (code === 'use-dpop-nonce') return 'DPoP error="use_dpop_nonce", algs="ES256"'
  if (code === 'invalid-dpop-proof') return 'DPoP error="invalid_dpop_proof", algs="ES256"'
  return 'Bearer'
}

import { AppError, type ErrorCode } from '../../../contract/errors.ts'

/** What a failed exchange means: a proxy that refuses, a certificate that does not hold, or no connection. The message of the system is not passed on. */
export function toConnectionError(error: unknown): AppError {
  const cause = codeOf(error)
  const detail = cause === undefined ? undefined : { cause }
  return new AppError(meaningOf(cause ?? ''), messageOf(cause ?? ''), detail, { cause: error })
}

/** Whether a failure says that the server is out of reach. */
export function isUnreachable(code: ErrorCode): boolean {
  return code === 'offline' || code === 'proxy-refused'
}

function meaningOf(cause: string): 'proxy-refused' | 'untrusted-server' | 'offline' {
  if (cause.startsWith('ERR_PROXY')) return 'proxy-refused'
  return isCertificateError(cause) ? 'untrusted-server' : 'offline'
}

/** A certificate out of its time is far more often a clock that is wrong. */
function messageOf(cause: string): string | undefined {
  if (cause === 'CERT_NOT_YET_VALID' || cause === 'CERT_HAS_EXPIRED')
    return "The server's certificate does not hold at the time that this computer shows. Check the clock of this computer"
  return undefined
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? undefined : codeOf(error.cause)
}

function isCertificateError(code: string): boolean {
  return /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED|^ERR_TLS/.test(code) || isOldProtocol(code)
}

/** A wrong version number is what a page without TLS looks like: that is no server at all. */
function isOldProtocol(code: string): boolean {
  return /^ERR_SSL_.*(PROTOCOL|VERSION)/.test(code) && !code.includes('WRONG_VERSION_NUMBER')
}

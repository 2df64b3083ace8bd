import { AppError } from '../../../contract/errors.ts'

/** What a failed exchange means: a certificate that does not hold, or no connection. The message of the system is not passed on. */
export function toConnectionError(error: unknown): AppError {
  const cause = codeOf(error)
  const code = cause !== undefined && isCertificateError(cause) ? 'untrusted-server' : 'offline'
  return new AppError(code, undefined, cause === undefined ? undefined : { cause }, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.cause === undefined ? undefined : codeOf(error.cause)
}

function isCertificateError(code: string): boolean {
  return /CERT|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|SELF_SIGNED|^ERR_TLS/.test(code)
}

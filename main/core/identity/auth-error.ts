import { AuthError } from '@supabase/supabase-js'
import { AppError, type ErrorCode } from '../../../contract/errors.ts'

/** Codes of the sign-in service, each as the failure a caller knows. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  invalid_credentials: 'invalid-credentials',
  email_not_confirmed: 'email-unconfirmed',
  user_already_exists: 'account-exists',
  email_exists: 'account-exists',
  weak_password: 'weak-password',
  same_password: 'weak-password',
  user_banned: 'account-suspended',
  over_request_rate_limit: 'rate-limited',
  over_email_send_rate_limit: 'rate-limited',
  otp_expired: 'code-expired',
  flow_state_not_found: 'code-expired',
  flow_state_expired: 'code-expired',
  bad_code_verifier: 'code-expired',
  pkce_code_verifier_not_found: 'code-expired',
  session_not_found: 'session-expired',
  session_expired: 'session-expired',
  refresh_token_not_found: 'session-expired',
  refresh_token_already_used: 'session-expired',
  bad_jwt: 'session-expired',
  validation_failed: 'invalid-input',
  email_address_invalid: 'invalid-input',
  signup_disabled: 'not-allowed',
  email_provider_disabled: 'not-allowed',
  provider_disabled: 'not-allowed',
}

/** What a failure of the sign-in service means to a caller; what it does not know comes back as it is. */
export function fromAuthError(error: unknown): unknown {
  if (!(error instanceof AuthError)) return error
  const known = CODES[error.code ?? '']
  if (known !== undefined) return new AppError(known, undefined, undefined, { cause: error })
  if (error.name === 'AuthWeakPasswordError') return new AppError('weak-password')
  if (error.name === 'AuthSessionMissingError') return new AppError('session-expired')
  if (error.name === 'AuthPKCECodeVerifierMissingError') return new AppError('code-expired')
  if (error.status === 429) return new AppError('rate-limited')
  if (error.status !== undefined && error.status >= 500) return new AppError('server-busy')
  return error
}

import { AppError } from '../../../contract/errors.ts'

/** The failures of Supabase Auth that local sign-in answers, with their HTTP status. Clients act on these codes. */
const STATUS = {
  bad_code_verifier: 400,
  bad_json: 400,
  bad_jwt: 403,
  flow_state_not_found: 404,
  invalid_credentials: 400,
  no_authorization: 401,
  oauth_provider_not_supported: 400,
  otp_expired: 403,
  over_email_send_rate_limit: 429,
  over_request_rate_limit: 429,
  refresh_token_already_used: 400,
  refresh_token_not_found: 400,
  same_password: 422,
  session_not_found: 403,
  unexpected_failure: 500,
  user_not_found: 403,
  validation_failed: 400,
  weak_password: 422,
} as const
export type SignInErrorCode = keyof typeof STATUS

/** A failure of local sign-in, thrown inside it and rendered as Supabase Auth renders its own. */
export class SignInError extends Error {
  override readonly name = 'SignInError'
  readonly code: SignInErrorCode
  readonly retryAfterSeconds: number | undefined
  constructor(code: SignInErrorCode, message: string, retryAfterSeconds?: number) {
    super(message)
    this.code = code
    this.retryAfterSeconds = retryAfterSeconds
  }
}

const API_VERSION = '2024-01-01'

/** The HTTP form of a failure. Clients that name the API version get `code` and `message`, older ones `error_code` and `msg`. */
export function renderSignInError(
  { code, message, retryAfterSeconds }: SignInError,
  isVersioned: boolean,
): { status: number; headers: Record<string, string>; body: object } {
  const status = STATUS[code]
  const more = code === 'weak_password' ? { weak_password: { reasons: ['length'] } } : {}
  return {
    status,
    headers: {
      'cache-control': 'no-store',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(isVersioned ? { 'x-supabase-api-version': API_VERSION } : {}),
    },
    body: isVersioned ? { code, message, ...more } : { code: status, error_code: code, msg: message, ...more },
  }
}

/** What of an unknown failure a client may be told; null: a bug. */
export function asSignInError(error: unknown): SignInError | null {
  if (error instanceof SignInError) return error
  if (error instanceof AppError && error.code === 'rate-limited') {
    const seconds = Number(error.detail?.['retryAfterSeconds'] ?? 60)
    return new SignInError('over_request_rate_limit', 'Too many attempts. Try again later.', seconds)
  }
  return null
}

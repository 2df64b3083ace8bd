import type { ErrorDetail } from '../../../contract/errors.ts'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/**
 * The seconds that `Retry-After` asks for (RFC 9110 §10.2.3), as `retryAfterSeconds` in an error's detail; nothing where it asks for none. A date
 * counts from the answer's own `Date`, for this computer's clock may be wrong.
 */
export function retryAfterIn(headers: Headers): ErrorDetail {
  const asked = only(headers['retry-after'])?.trim()
  if (asked === undefined || asked === '') return {}
  const seconds = /^\d+$/.test(asked) ? Number(asked) : secondsUntil(asked, only(headers['date']))
  return Number.isFinite(seconds) && seconds >= 0 ? { retryAfterSeconds: seconds } : {}
}

function secondsUntil(date: string, answeredAt: string | undefined): number {
  return Math.ceil((Date.parse(date) - Date.parse(answeredAt ?? '')) / 1000)
}

function only(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header
}

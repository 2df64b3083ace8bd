import type { ServerResponse } from 'node:http'
import type { ErrorCode, Reply } from '../../../contract/errors.ts'
import { ERRORS } from '../../../contract/errors.ts'

/** Headers of every answer of the host; there are no CORS headers at all. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cache-control': 'no-store',
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value))
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length }).end(body)
}

/** A refusal of the host itself, in the envelope that a call's reply has. */
export function sendFailure(response: ServerResponse, status: number, code: ErrorCode, message?: string): void {
  const reply: Reply<never> = { ok: false, error: { code, message: message ?? ERRORS[code].title } }
  sendJson(response, status, reply)
}

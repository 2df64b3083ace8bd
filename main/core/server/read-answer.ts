import { AppError, type ErrorDetail, isErrorCode } from '../../../contract/errors.ts'
import type { HttpAnswer } from './http-request.ts'
import { retryAfterIn } from './retry-after.ts'

/** The value in an answer of the server (JSON), or the `AppError` that its problem document (RFC 9457) carries; `captive-portal` when another host answered. */
export function readAnswer({ status, headers, body }: HttpAnswer): unknown {
  const type = String(headers['content-type'] ?? '')
    .split(';')[0]
    ?.trim()
    .toLowerCase()
  if (status === 511 || (status >= 300 && status < 400)) throw new AppError('captive-portal')
  if (type === 'application/problem+json') throw fromProblem(status, parse(body), retryAfterIn(headers))
  if (status === 429) throw new AppError('rate-limited', undefined, { status, ...retryAfterIn(headers) })
  if (status >= 500) throw new AppError('server-busy', undefined, { status, ...retryAfterIn(headers) })
  if (status >= 200 && status < 300 && type === 'application/json') return parse(body)
  throw new AppError('captive-portal', undefined, { status })
}

/** True when an answer can only have come from the server itself. */
export function isFromServer({ status, headers, body }: HttpAnswer): boolean {
  const type = String(headers['content-type'] ?? '').toLowerCase()
  const isJson = type.startsWith('application/problem+json') || type.startsWith('application/json')
  return status !== 511 && isJson && /^[{[]/.test(body.toString('latin1', 0, 1))
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    throw new AppError('captive-portal')
  }
}

/** Members of a problem document that every one has; the others are its detail. */
const STANDARD = new Set(['type', 'title', 'status', 'detail', 'code', 'instance', 'facts'])

function fromProblem(status: number, problem: unknown, retryAfter: ErrorDetail): AppError {
  const members = typeof problem === 'object' && problem !== null ? { ...problem } : {}
  const { code, detail, title, facts: named } = members as Record<string, unknown>
  const others = Object.entries(members).filter(([name]) => !STANDARD.has(name))
  const facts = { ...(typeof named === 'object' ? named : {}), ...Object.fromEntries(others), ...retryAfter }
  if (typeof code === 'string' && isErrorCode(code)) return new AppError(code, text(detail) ?? text(title), facts)
  return new AppError(status >= 500 ? 'server-busy' : 'internal', text(title), { ...facts, serverCode: code, status })
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

import type { FastifyError } from 'fastify'
import { AppError } from '../../contract/errors.ts'

/**
 * PostgreSQL's classes of "try again": serialization, deadlock, lock and statement timeouts, too many connections,
 * and a database that was lost, is shutting down or is starting.
 */
const BUSY_STATES = new Set(['40001', '40P01', '55P03', '57014', '53300', '08006', '57P01', '57P02', '57P03'])

/** What a caller may be told of anything that was thrown; null: a bug, told only as `internal`. */
export function expectedFailure(error: unknown): AppError | null {
  if (error instanceof AppError) return error
  if (!(error instanceof Error) || !('code' in error)) return null
  const { code } = error as FastifyError
  if (BUSY_STATES.has(code)) return new AppError('server-busy')
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new AppError('too-large')
  if (code?.startsWith('FST_ERR_CTP') || error instanceof SyntaxError)
    return new AppError('malformed-request', 'The body must be JSON with content-type application/json.')
  return null
}

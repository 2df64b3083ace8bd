import pino, { type DestinationStream } from 'pino'
import type { ServerConfig } from '../config.ts'
import type { Log } from '../ports.ts'

/** Fields that never reach the log, at any depth up to three. */
const SECRET_FIELDS = [
  'authorization',
  'dpop',
  'token',
  'tokens',
  'access_token',
  'refresh_token',
  'password',
  'email',
  'to',
  'code',
  'secret',
  'cookie',
  'parameters',
]
const REDACTED = SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`])

const BUFFER_BYTES = 4096
/** The longest that a line waits for others, ms. */
const WAIT_MS = 100

/** Standard error, many lines at a time. What waits is written at the end of the process; a killed one may lose it. */
function standardError(): DestinationStream & { flushSync(): void } {
  const destination = pino.destination({ dest: 2, sync: true, minLength: BUFFER_BYTES, periodicFlush: WAIT_MS })
  process.once('exit', () => destination.flushSync())
  return destination
}

/**
 * JSON lines on standard error with secrets taken out; an error keeps its stack and its SQLSTATE, and loses its parameters. Warnings and errors
 * are written at once, with what waited before them.
 */
export function createLog(
  { logLevel }: Pick<ServerConfig, 'logLevel'>,
  destination: DestinationStream & { flushSync?(): void } = standardError(),
): Log {
  const logger = pino(
    {
      level: logLevel,
      base: { process: 'server' },
      redact: { paths: REDACTED, censor: '[redacted]' },
      serializers: {
        err: ({ name, message, stack, code: sqlState }: Error & { code?: string }) => ({
          name,
          message,
          stack,
          sqlState,
        }),
      },
    },
    destination,
  )
  return {
    info: (fields, message) => logger.info(fields, message),
    warn(fields, message) {
      logger.warn(fields, message)
      destination.flushSync?.()
    },
    error(fields, message) {
      logger.error(fields, message)
      destination.flushSync?.()
    },
  }
}

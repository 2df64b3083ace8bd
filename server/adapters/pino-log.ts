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

/** JSON lines on standard error with secrets taken out; an error keeps its stack and its SQLSTATE, and loses its parameters. */
export function createLog(
  { logLevel }: Pick<ServerConfig, 'logLevel'>,
  destination: DestinationStream = pino.destination(2),
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
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}

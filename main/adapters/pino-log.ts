import pino, { type DestinationStream } from 'pino'
import type { Log } from '../core/ports.ts'

const SECRET_NAMES = [
  'authorization',
  'dpop',
  'token',
  'access_token',
  'refresh_token',
  'accessToken',
  'refreshToken',
  'password',
  'passphrase',
  'secret',
  'code',
  'ticket',
  'bearer',
  'privateJwk',
  'd',
  'email',
]

/** What a JWT, a bearer and a token in an address look like inside a text. */
const SECRET_TEXT =
  /eyJ[\w-]+\.[\w-]+\.[\w-]*|\bBearer\s+\S+|([?&#](?:token|code|link|once|access_token|refresh_token)=)[^&\s"']+/gi

/** A log of JSON lines to `destination` in which secrets are replaced, wherever they stand. */
export function createPinoLog(
  level: 'silent' | 'error' | 'warn' | 'info' | 'debug',
  destination: DestinationStream,
): Log {
  const log = pino(
    {
      level,
      base: null,
      messageKey: 'message',
      serializers: { error: describeError },
      redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]), censor: '[removed]' },
    },
    {
      write(line: string) {
        destination.write(line.replace(SECRET_TEXT, (_, prefix: string | undefined) => `${prefix ?? ''}[removed]`))
      },
    },
  )
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => log.warn(fields, message),
    error: (fields, message) => log.error(fields, message),
  }
}

/** Name, code, message, stack and causes of an error: not the other members, in which libraries keep requests and responses. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  return {
    name: error.name,
    errorCode: 'code' in error ? error.code : undefined,
    message: error.message,
    stack: error.stack,
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  }
}

import pino, { type DestinationStream } from 'pino'
import { AppError } from '../../contract/errors.ts'
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

/** Folders of the user, longest first, each with the word that stands for it in the log. */
export type PlaceNames = readonly (readonly [folder: string, word: string])[]

/** A log of JSON lines to `destination` in which secrets and the user's folders are replaced, wherever they stand. */
export function createPinoLog(
  level: 'silent' | 'error' | 'warn' | 'info' | 'debug',
  destination: DestinationStream,
  places: PlaceNames = [],
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
        const clean = line.replace(SECRET_TEXT, (_, prefix: string | undefined) => `${prefix ?? ''}[removed]`)
        destination.write(places.reduce((text, [folder, word]) => text.replaceAll(inJson(folder), word), clean))
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

function inJson(folder: string): string {
  return JSON.stringify(folder).slice(1, -1)
}

/** Name, code, message, stack and causes of an error: not the other members, in which libraries keep requests and responses. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  return {
    name: error.name,
    errorCode: 'code' in error ? error.code : undefined,
    message: error.message,
    // An expected failure is told by its code; a stack is for bugs.
    stack: error instanceof AppError ? undefined : error.stack,
    cause: error.cause === undefined ? undefined : describeError(error.cause),
  }
}

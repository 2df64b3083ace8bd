import type { z } from 'zod'
import type { CallDefinition } from '../../contract/call.ts'
import { AppError } from '../../contract/errors.ts'

/**
 * The checked input of a call: the JSON body of a command, or the query's `input` parameter, which is JSON too.
 * Throws `malformed-request`, and `invalid-input` with a message for each field.
 */
export function readInput(call: CallDefinition, query: unknown, body: unknown): unknown {
  const raw = call.kind === 'command' ? (body ?? {}) : parseQuery(query)
  const parsed = call.input.safeParse(raw)
  if (parsed.success) return parsed.data
  const errors = Object.fromEntries(
    parsed.error.issues.map((issue) => [issue.path.join('.') || '(input)', issue.message]),
  )
  throw new AppError('invalid-input', describe(parsed.error), { errors })
}

function parseQuery(query: unknown): unknown {
  const { input } = query as { input?: string }
  if (input === undefined) return {}
  try {
    return JSON.parse(input)
  } catch {
    throw new AppError('malformed-request', 'The query parameter "input" must be JSON.')
  }
}

function describe(error: z.ZodError): string {
  const [first] = error.issues
  if (first === undefined) return 'The input is not valid'
  const field = first.path.join('.')
  return field === '' ? first.message : `${field}: ${first.message}`
}

/**
 * What a database's error says, without the values it quotes: rows hold mail addresses and tokens, and errors reach logs.
 * Class 22 (SQLSTATE) quotes the input it could not read.
 */
export function messageWithoutValues(message: string, code: string | undefined): string {
  return code?.startsWith('22') ? message.replace(/: ".*"/s, '') : message
}

/** Takes the values of the statement and of its rows out of an error of the `pg` driver. */
export function stripValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const fields: Error & { code?: string; detail?: string; where?: string; internalQuery?: string } = error
  delete fields.detail
  delete fields.where
  delete fields.internalQuery
  const message = messageWithoutValues(fields.message, fields.code)
  if (fields.stack !== undefined) fields.stack = fields.stack.replace(fields.message, message)
  fields.message = message
  return fields
}

import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'

const Place = z.tuple([z.iso.datetime(), z.uuid()])

/** Where a list of payments goes on, as an opaque text. */
export function toCursor({ createdAt, id }: { createdAt: Date; id: string }): string {
  return Buffer.from(JSON.stringify([createdAt.toISOString(), id])).toString('base64url')
}

/** Throws `invalid-input` for a text that `toCursor` did not write. */
export function fromCursor(cursor: string): { createdAt: Date; id: string } {
  try {
    const [createdAt, id] = Place.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return { createdAt: new Date(createdAt), id }
  } catch {
    throw new AppError('invalid-input', 'The cursor is not one of this list.', {
      errors: { cursor: 'Take it from the page before.' },
    })
  }
}

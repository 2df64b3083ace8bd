import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'

/** Where a page ended: the sort keys of its last item, as text. */
export interface PageEnd {
  /** The order that the keys belong to; a cursor of one order means nothing in another. */
  readonly sort: string
  /** 1 for items that sort last because their file is still being made. */
  readonly late: 0 | 1
  readonly key: string
  readonly id: string
}

const Fields = z.tuple([z.string().max(20), z.literal([0, 1]), z.string().max(300), z.uuid()])

export function toCursor({ sort, late, key, id }: PageEnd): string {
  return Buffer.from(JSON.stringify([sort, late, key, id])).toString('base64url')
}

/** Reads what `toCursor` wrote for the same order. Throws `invalid-input`. */
export function fromCursor(cursor: string, sort: string, keyFormat: RegExp): PageEnd {
  const fields = Fields.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()))
  const [cursorSort, late, key, id] = fields.data ?? []
  if (cursorSort !== sort || late === undefined || key === undefined || id === undefined || !keyFormat.test(key))
    throw new AppError('invalid-input', 'The cursor is not one of this list', {
      errors: { cursor: 'not of this list' },
    })
  return { sort, late, key, id }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

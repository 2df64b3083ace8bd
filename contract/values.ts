import { z } from 'zod'

export const Id = z.uuid()
export type Id = z.infer<typeof Id>

/** A moment, ISO 8601 in UTC. */
export const Instant = z.iso.datetime()

/** An amount in the currency's minor units (paise, cents): never a fraction. */
export const Money = z.object({ minor: z.int().nonnegative(), currency: z.string().regex(/^[A-Z]{3}$/) })
export type Money = z.infer<typeof Money>

/** SHA-256 in lower-case hex. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** First and last byte, both inclusive, as in HTTP `Range`. */
export const ByteRange = z
  .tuple([z.int().nonnegative(), z.int().nonnegative()])
  .refine(([start, end]) => start <= end, 'A range ends at or after its start')
export type ByteRange = z.infer<typeof ByteRange>

/** What can be owned and downloaded. */
export const ContentType = z.enum(['track', 'album', 'fan'])
export type ContentType = z.infer<typeof ContentType>
export const ContentRef = z.object({ contentType: ContentType, contentId: Id })
export type ContentRef = z.infer<typeof ContentRef>

export const AudioFormat = z.enum(['mp3', 'flac', 'wav', 'aiff'])
export type AudioFormat = z.infer<typeof AudioFormat>

/** A musical key in Camelot notation: `8A` is A minor, `8B` C major. */
export const CamelotKey = z.string().regex(/^(1[0-2]|[1-9])[AB]$/, 'A key is 1A to 12B')
export type CamelotKey = z.infer<typeof CamelotKey>

export const Email = z.email().max(254)
/** Printable text without control characters, trimmed. */
export const Label = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses.
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'No control characters')

/** Where a list goes on: opaque, from the page before. */
export const Cursor = z.string().max(400)

/** One page of a list; `nextCursor` is null on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), nextCursor: Cursor.nullable() })
}
export interface Page<T> {
  readonly items: readonly T[]
  readonly nextCursor: string | null
}

/** The answer of a command that has nothing to tell. */
export const Done = z.object({ done: z.literal(true) })
export const Nothing = z.object({})

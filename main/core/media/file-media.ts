import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Media } from '../ports.ts'
import { readRange } from './byte-range.ts'

/** Opens part of a local file as HTTP serves it. `etag` without quotes is the file's identity. Throws what the file system throws. */
export async function fileMedia(
  file: string,
  { mimeType, etag }: { mimeType: string; etag: string },
  range?: string,
): Promise<Media> {
  const { size } = await stat(file)
  const headers = { 'accept-ranges': 'bytes', 'content-type': mimeType, etag: `"${etag}"` }
  const asked = readRange(range, size)
  if (asked === 'unsatisfiable')
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` }, body: null }
  if (asked === null)
    return { status: 200, headers: { ...headers, 'content-length': String(size) }, body: createReadStream(file) }
  const { start, end } = asked
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(end - start + 1),
      'content-range': `bytes ${start}-${end}/${size}`,
    },
    body: createReadStream(file, { start, end }),
  }
}

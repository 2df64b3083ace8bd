import { Readable } from 'node:stream'
import { sniffFormat } from '../../../contract/audio/sniff-format.ts'
import { AppError } from '../../../contract/errors.ts'
import { readRange } from '../media/byte-range.ts'
import type { Media } from '../ports.ts'
import { type ByteReader, toReader } from './byte-reader.ts'
import { type Disk, systemCode } from './disk.ts'
import { placeOf } from './local-state.ts'
import type { LocalFile } from './rows.ts'
import { wavView } from './wav-view.ts'

const BLOCK = 256 * 1024
const TYPES = { mp3: 'audio/mpeg', flac: 'audio/flac', wav: 'audio/wav', aiff: 'audio/wav' } as const

/**
 * Opens a track's local file as HTTP serves it, by its content and not its name; an AIFF comes as the WAV of the same samples.
 * `range` is the HTTP header. Throws `not-on-this-disk`.
 */
export async function openTrackFile(disk: Disk, file: LocalFile, range: string | undefined): Promise<Media> {
  const handle = await disk.open(placeOf(file), 'r').catch((error: unknown) => {
    throw new AppError('not-on-this-disk', undefined, { cause: systemCode(error) })
  })
  try {
    const plain = await toReader(handle)
    const format = await sniffFormat(plain)
    const reader = format === 'aiff' ? await wavView(plain) : plain
    const media = answer(
      reader,
      format === null ? 'application/octet-stream' : TYPES[format],
      etagOf(file, format),
      range,
    )
    if (media.body === null) await handle.close()
    else media.body.once('close', () => void handle.close())
    return media
  } catch (error) {
    await handle.close()
    throw error
  }
}

function etagOf({ sha256, changedMs }: LocalFile, format: string | null): string {
  return `"${sha256}-${changedMs}${format === 'aiff' ? '-wav' : ''}"`
}

function answer(reader: ByteReader, type: string, etag: string, header: string | undefined): Media {
  const headers = { 'accept-ranges': 'bytes', 'content-type': type, etag }
  const range = readRange(header, reader.size)
  if (range === 'unsatisfiable')
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${reader.size}` }, body: null }
  const { start, end } = range ?? { start: 0, end: reader.size - 1 }
  const body = Readable.from(blocks(reader, start, end), { objectMode: false })
  const length = { 'content-length': String(end - start + 1) }
  if (range === null) return { status: 200, headers: { ...headers, ...length }, body }
  const contentRange = { 'content-range': `bytes ${start}-${end}/${reader.size}` }
  return { status: 206, headers: { ...headers, ...length, ...contentRange }, body }
}

async function* blocks(reader: ByteReader, start: number, end: number): AsyncGenerator<Buffer> {
  for (let position = start; position <= end; ) {
    const bytes = await reader.read(position, Math.min(BLOCK, end - position + 1))
    if (bytes.length === 0) return
    yield bytes
    position += bytes.length
  }
}

import type { z } from 'zod'
import type { TrackFormat } from '../../../contract/catalogue.ts'
import type { LibraryItem } from '../../../contract/library.ts'
import type { AudioFormat } from '../../../contract/values.ts'
import { formatBytes } from '../format/bytes.ts'

type Format = z.infer<typeof AudioFormat>

const ENDING: Readonly<Record<string, Format>> = {
  mp3: 'mp3',
  flac: 'flac',
  wav: 'wav',
  wave: 'wav',
  aif: 'aiff',
  aiff: 'aiff',
}

/** The format of the file that is on this computer, by its name; null when there is none. */
export function formatHere(item: Pick<LibraryItem, 'fileName'> | null): Format | null {
  const ending = /\.(\w+)$/.exec(item?.fileName ?? '')?.[1]?.toLowerCase() ?? ''
  return ENDING[ending] ?? null
}

/** A format with what it weighs: `WAV, 63.0 MB`. */
export function formatWord({ format, sizeBytes }: TrackFormat): string {
  return `${format.toUpperCase()}, ${formatBytes(sizeBytes)}`
}

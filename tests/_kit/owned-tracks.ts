import { createHash, randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { bytesReader } from '../../contract/audio/byte-reader.ts'
import type { Caller } from '../../contract/call.ts'
import type { TrackSummary } from '../../contract/catalogue.ts'
import type { Owned } from '../../contract/entitlements.ts'
import { AppError } from '../../contract/errors.ts'
import { albumZipBytes, planAlbumZip } from '../../server/audio/album-zip.ts'
import { audioSha256 } from '../../server/audio/audio-payload.ts'
import { testTone } from '../../server/audio/test-tone.ts'
import { encodeAudio } from '../../server/seed/encode-audio.ts'
import type { FaultServer } from './fault-server.ts'

type Format = 'mp3' | 'flac' | 'wav' | 'aiff'

const DJ = { id: randomUUID(), name: 'Nia', slug: 'nia', portrait: null }

/** What the store says of a track. */
export function aTrack(change: Partial<TrackSummary> = {}): TrackSummary {
  return {
    id: randomUUID(),
    title: 'Tide',
    artist: 'Nia',
    dj: DJ,
    genre: { slug: 'house', name: 'House' },
    bpm: 124,
    key: '8A',
    durationSeconds: 61,
    price: { minor: 19900, currency: 'INR' },
    format: 'mp3',
    sizeBytes: 1000,
    formats: [{ format: change.format ?? 'mp3', sizeBytes: 1000, isMaster: true }],
    isFanOnly: false,
    cover: null,
    preview: null,
    peaks: null,
    publishedAt: null,
    isReady: true,
    readyInSeconds: null,
    access: 'purchase',
    ...change,
  }
}

const SINCE = '2026-01-01T00:00:00.000Z'

export function ownedTrack(track: TrackSummary, since = SINCE): Owned {
  return { contentType: 'track', contentId: track.id, access: 'purchase', since, title: track.title, track, pack: null }
}

export function ownedPack(title: string, tracks: readonly TrackSummary[]): Owned {
  const id = randomUUID()
  const sums = { trackCount: tracks.length, durationSeconds: 61 * tracks.length, sizeBytes: 1000 }
  const pack = { id, title, dj: DJ, price: { minor: 49900, currency: 'INR' }, ...sums, isFanOnly: false, cover: null }
  return {
    contentType: 'album',
    contentId: id,
    access: 'purchase',
    since: SINCE,
    title,
    track: null,
    pack: { ...pack, isReady: true, access: 'purchase', tracks: [...tracks] },
  }
}

/** Real audio of one second and a bit: `seconds` makes it another sound. */
export async function someAudio(format: Format, seconds = 1.1): Promise<Buffer> {
  return Buffer.from(await encodeAudio(testTone(seconds), format))
}

export async function soundOf(bytes: Buffer): Promise<string | null> {
  return (await audioSha256(bytesReader(bytes))) ?? null
}

/** Puts a track's file on the server: its master first, then other formats of it. */
export async function serveTrack(
  server: FaultServer,
  track: TrackSummary,
  bytes: Buffer,
  format = track.format ?? 'mp3',
) {
  const fileName = `${track.title.replaceAll('/', '-')}.${format}`
  const content = { contentType: 'track' as const, contentId: track.id }
  return server.put(content, bytes, { segmentSize: 64 * 1024, fileName, format, audioSha256: await soundOf(bytes) })
}

/** Puts a pack's zip on the server, with the list of what is inside; `rename` says what the server calls each file. */
export async function servePack(
  server: FaultServer,
  owned: Owned,
  files: readonly Buffer[],
  rename: (name: string) => string = (name) => name,
) {
  const tracks = owned.pack?.tracks ?? []
  const sources = files.map((bytes, index) => ({
    name: `${tracks[index]?.title}.${tracks[index]?.format}`,
    size: bytes.length,
    bytes,
  }))
  const plan = planAlbumZip(sources.map((source) => ({ ...source, crc32: crc32(source.bytes) })))
  const parts: Uint8Array[] = []
  for await (const part of albumZipBytes(plan, ({ name }) => [
    sources.find((one) => one.name === name)?.bytes ?? Buffer.alloc(0),
  ]))
    parts.push(part)
  const zip = Buffer.concat(parts)
  const contents = await Promise.all(
    sources.map(async ({ name, bytes }, index) => ({
      trackId: tracks[index]?.id ?? '',
      position: index + 1,
      fileName: rename(name),
      offset: plan.entries[index]?.offset ?? 0,
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      audioSha256: await soundOf(bytes),
    })),
  )
  const content = { contentType: 'album' as const, contentId: owned.contentId }
  const object = server.put(content, zip, {
    segmentSize: 64 * 1024,
    fileName: 'pack.zip',
    mimeType: 'application/zip',
    contents,
  })
  return { object, contents }
}

/** Answers `entitlements.listOwned` with what the function says now, two at a time; everything else is `offline`. */
export function owning(owned: () => readonly Owned[]): Caller {
  return (async (definition, input) => {
    if (definition.name !== 'entitlements.listOwned') throw new AppError('offline')
    const first = Number((input as { cursor?: string }).cursor ?? 0)
    const items = owned().slice(first, first + 2)
    return { items, nextCursor: first + 2 < owned().length ? String(first + 2) : null }
  }) as Caller
}

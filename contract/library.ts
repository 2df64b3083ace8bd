import { z } from 'zod'
import { desktopCommand, desktopQuery, domain } from './call.ts'
import { TrackFormat, TrackSummary } from './catalogue.ts'
import { AudioFormat, ContentRef, Done, Id, Instant, Nothing } from './values.ts'

/**
 * Where an owned track is. `cloud`: not here. `here`: here and verified. `retagged`: here, its tags were changed by other software, its
 * sound is as bought. `damaged`, `missing`: here once. `queued`, `downloading`: on its way.
 */
export const LocalState = z.enum(['cloud', 'queued', 'downloading', 'here', 'retagged', 'damaged', 'missing'])
export type LocalState = z.infer<typeof LocalState>

/** What the file itself says, read with music-metadata. */
export const FileTags = z.object({
  title: z.string().nullable(),
  artist: z.string().nullable(),
  album: z.string().nullable(),
  bpm: z.number().nullable(),
  key: z.string().nullable(),
  hasCover: z.boolean(),
})

export const LibraryItem = z.object({
  /** The track's id. */
  trackId: Id,
  /** What gives access and is to be downloaded: the track itself, or the pack it came with. */
  source: ContentRef,
  access: z.enum(['purchase', 'fan_entitlement', 'subscription']),
  title: z.string(),
  artist: z.string(),
  album: z.string().nullable(),
  genre: z.string().nullable(),
  bpm: z.number().nullable(),
  key: z.string().nullable(),
  durationSeconds: z.int().nullable(),
  format: AudioFormat.nullable(),
  sizeBytes: z.int().nullable(),
  /** What the store can deliver of it, the master first; empty when that is not known. */
  formats: z.array(TrackFormat),
  cover: z.string().nullable(),
  peaks: z.string().nullable(),
  preview: z.string().nullable(),
  ownedSince: Instant,
  state: LocalState,
  /** The file's name inside the library folder; null when it is not here. */
  fileName: z.string().nullable(),
  tags: FileTags.nullable(),
  /** The whole summary for a track page while offline. */
  track: TrackSummary.nullable(),
})
export type LibraryItem = z.infer<typeof LibraryItem>

const byTrack = z.object({ trackId: Id })

export const library = domain('library', {
  list: desktopQuery({
    about: 'Everything the account owns, with where each track is; works with no network.',
    input: z.object({
      query: z.string().max(200).optional(),
      state: LocalState.optional(),
      sort: z.enum(['added', 'title', 'artist', 'bpm', 'key']).default('added'),
    }),
    output: z.object({ items: z.array(LibraryItem), isStale: z.boolean(), refreshedAt: Instant.nullable() }),
  }),
  refresh: desktopCommand({
    about: 'Asks the server what the account owns.',
    input: Nothing,
    output: Done,
    errors: ['not-signed-in', 'offline'],
  }),
  removeLocal: desktopCommand({
    about: 'Deletes the file on this computer; the account keeps owning the track.',
    input: byTrack,
    output: Done,
    errors: ['not-found', 'disk-error'],
  }),
  verify: desktopCommand({
    about: 'Reads the local files again and says which are verified, re-tagged, damaged or missing.',
    input: z.object({ trackIds: z.array(Id).optional() }),
    output: z.object({ checked: z.int(), here: z.int(), retagged: z.int(), damaged: z.int(), missing: z.int() }),
  }),
  repair: desktopCommand({
    about:
      'Checks files and fetches again only what is damaged or missing of them; re-tagged files are left as they are.',
    input: z.object({ trackIds: z.array(Id).optional() }),
    output: z.object({
      checked: z.int(),
      here: z.int(),
      retagged: z.int(),
      damaged: z.int(),
      missing: z.int(),
      /** Downloads that were queued for it. */
      queued: z.int(),
      /** Which downloads bring it back, those included that were on their way already. */
      downloadIds: z.array(Id),
    }),
    errors: ['not-signed-in'],
  }),
  showInFolder: desktopCommand({
    about: 'Shows the file in the file browser of this computer; elsewhere answers where it is.',
    input: byTrack,
    output: z.object({ path: z.string(), wasShown: z.boolean() }),
    errors: ['not-on-this-disk'],
  }),
})

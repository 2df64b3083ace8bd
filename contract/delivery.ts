import { z } from 'zod'
import { desktopCommand, desktopQuery, domain, serverCommand } from './call.ts'
import { AudioFormat, ByteRange, ContentRef, ContentType, Done, Id, Instant, Nothing, Sha256 } from './values.ts'

export const AttemptState = z.enum(['reserved', 'active', 'delivered', 'released', 'expired_charged', 'revoked'])
export type AttemptState = z.infer<typeof AttemptState>

/** One file inside an album pack: its bytes are `[offset, offset + sizeBytes)` of the zip, stored as they are. */
export const PackEntry = z.object({
  trackId: Id,
  position: z.int(),
  fileName: z.string(),
  offset: z.int(),
  sizeBytes: z.int(),
  sha256: Sha256,
  audioSha256: Sha256.nullable(),
})
export type PackEntry = z.infer<typeof PackEntry>

export const DownloadGrant = z.object({
  attempt: z.object({
    id: Id,
    state: AttemptState,
    isReused: z.boolean(),
    isRepair: z.boolean(),
    closesAt: Instant,
    bytesServed: z.int(),
    byteBudget: z.int(),
  }),
  object: z.object({
    sizeBytes: z.int(),
    /** Strong, quoted: `"sha256-<hex>"`. */
    etag: z.string(),
    sha256: Sha256,
    segmentSize: z.int(),
    segmentSha256: z.array(Sha256),
    /** SHA-256 of the concatenated raw segment hashes. */
    segmentRoot: Sha256,
    audioSha256: Sha256.nullable(),
    fileName: z.string(),
    mimeType: z.string(),
  }),
  /** Single-use permissions, one for each range of `want`, in its order. */
  tokens: z.array(z.object({ token: z.string(), range: ByteRange, expiresInSeconds: z.int() })),
  entitlement: z.object({
    source: z.enum(['purchase', 'fan_entitlement', 'subscription']),
    attemptsLeft: z.int(),
    quotaLeft: z.int().nullable(),
  }),
  /** The tracks inside, for an album pack. */
  contents: z.array(PackEntry).nullable(),
})
export type DownloadGrant = z.infer<typeof DownloadGrant>

/**
 * What is true of a download now. `stalled`: it tries again by itself at `retryAt`. `waiting-for-network`, `waiting-for-drive`: it goes on when
 * the server, or the drive `driveName`, is there again. `needs-sign-in`, `needs-device`, `needs-space`, `needs-folder`, `needs-consent`
 * (a metered connection): it goes on when the user has done that. `failed`: trying again cures nothing. `ended`: access was withdrawn.
 */
export const DownloadStatus = z.enum([
  'queued',
  'preparing',
  'downloading',
  'stalled',
  'waiting-for-network',
  'waiting-for-drive',
  'needs-sign-in',
  'needs-device',
  'needs-space',
  'needs-folder',
  'needs-consent',
  'paused',
  'verifying',
  'done',
  'failed',
  'cancelled',
  'ended',
])
export type DownloadStatus = z.infer<typeof DownloadStatus>

/** One row of the queue. */
export const Download = z.object({
  id: Id,
  content: ContentRef,
  title: z.string(),
  artist: z.string(),
  cover: z.string().nullable(),
  status: DownloadStatus,
  /** Verified and in-flight bytes that are here; null before the size is known. */
  receivedBytes: z.int(),
  totalBytes: z.int().nullable(),
  bytesPerSecond: z.int().nullable(),
  secondsLeft: z.int().nullable(),
  /** For each segment: 0 missing, 1 arriving, 2 verified; at most 400 cells, as a string of digits. */
  segments: z.string(),
  /** Why it waits or failed, as an error code with its sentence. */
  reason: z.object({ code: z.string(), message: z.string() }).nullable(),
  /** When a stalled download tries again. */
  retryAt: Instant.nullable(),
  /** The drive it waits for. */
  driveName: z.string().nullable(),
  /** Bytes that are missing on the disk, for `needs-space`. */
  missingBytes: z.int().nullable(),
  /** The most bytes per second for this download alone; null: no limit of its own. */
  bytesPerSecondLimit: z.int().nonnegative().nullable(),
  /** The format that was asked for; null: the best one the store has. */
  format: AudioFormat.nullable(),
  /** Attempts left, told from the third used one on. */
  attemptsLeft: z.int().nullable(),
  position: z.int(),
  addedAt: Instant,
  finishedAt: Instant.nullable(),
})
export type Download = z.infer<typeof Download>

const byId = z.object({ downloadId: Id })

/** What of the queue is to go to one volume. Sizes are bytes; `null` where the system does not say. */
export const VolumePlan = z.object({
  name: z.string(),
  /** Not the library's volume: crates keep files of their own there of what comes. */
  isForCopies: z.boolean(),
  isConnected: z.boolean(),
  downloads: z.int(),
  /** What is still to come: sizes less what is here already. */
  remainingBytes: z.int(),
  freeBytes: z.int().nullable(),
  /** What does not fit; 0 when all does. */
  missingBytes: z.int(),
})
export type VolumePlan = z.infer<typeof VolumePlan>

/** "Download everything I own": how it stands, and at its end its one report. */
export const Everything = z.object({
  startedAt: Instant,
  finishedAt: Instant.nullable(),
  /** Tracks that it set out to fetch: a pack counts as those it brings. */
  total: z.int(),
  /** Of these, tracks that are here now. */
  done: z.int(),
  /** Tracks that were healthy on this computer before it began, not part of `total`. */
  wereHere: z.int(),
  /** One entry for each download that failed, a pack being one; `cancelled` stands for those that the user gave up. */
  failed: z.array(z.object({ content: ContentRef, title: z.string(), code: z.string(), message: z.string() })),
  receivedBytes: z.int(),
  totalBytes: z.int(),
})
export type Everything = z.infer<typeof Everything>

/** Files whose arrival one call may tell. */
export const MOST_COMPLETIONS = 50

const Completion = z.object({ attemptId: Id, segmentRoot: Sha256 })
/** A file that has arrived: the root of its segments proves it. */
export type Completion = z.infer<typeof Completion>

const CompletionRefusal = z.enum(['not-found', 'hash-mismatch', 'attempt-closed'])
/** Why the arrival of a file does not count. */
export type CompletionRefusal = z.infer<typeof CompletionRefusal>

export const delivery = domain('delivery', {
  init: serverCommand({
    about: 'Opens or continues a download attempt and grants single-use tokens for byte ranges of the file.',
    proof: 'device',
    path: '/api/download/init',
    audience: 'core',
    input: z.object({
      contentType: ContentType,
      contentId: Id,
      attemptId: Id.optional(),
      /** One of the formats the content has; left out: the attempt's, else the master. */
      format: AudioFormat.optional(),
      /** Up to 8 ranges that do not overlap; left out: no tokens, only the facts. A range that begins inside the file ends with it at the latest. */
      want: z.array(ByteRange).max(8).default([]),
    }),
    output: DownloadGrant,
    errors: [
      'not-found',
      'no-entitlement',
      'super-plan-required',
      'subscription-expired',
      'quota-exhausted',
      'attempts-exhausted',
      'content-revoked',
      'device-revoked',
      'rebind-limit',
      'attempt-closed',
      'content-changed',
      'byte-budget',
      'overlapping-ranges',
      'range-not-granted',
      'range-not-satisfiable',
      'storage-unavailable',
      'account-suspended',
      'format-not-offered',
    ],
  }),
  complete: serverCommand({
    about: 'Says that the whole file has arrived, proved by its segment root; asking again answers the same.',
    proof: 'device',
    path: '/api/download/complete',
    audience: 'core',
    input: Completion,
    output: z.object({ state: AttemptState }),
    errors: ['not-found', 'hash-mismatch', 'attempt-closed', 'device-revoked'],
  }),
  completeMany: serverCommand({
    about: 'Says the same of several files at once; one that is refused keeps no other back.',
    proof: 'device',
    path: '/api/download/complete-many',
    audience: 'core',
    input: z.object({ files: z.array(Completion).min(1).max(MOST_COMPLETIONS) }),
    /** In the order of `files`; what is not refused is delivered. */
    output: z.object({ files: z.array(z.object({ attemptId: Id, refusal: CompletionRefusal.nullable() })) }),
    errors: ['device-revoked'],
  }),
  cancel: serverCommand({
    about: 'Ends an attempt; it is given back when almost nothing was sent.',
    proof: 'device',
    path: '/api/download/cancel',
    audience: 'core',
    input: z.object({ attemptId: Id }),
    output: z.object({ state: AttemptState }),
    errors: ['not-found', 'device-revoked'],
  }),

  start: desktopCommand({
    about: 'Puts something the account may download into the queue; what is there already is left as it is.',
    input: ContentRef.extend({
      title: z.string().max(500).optional(),
      artist: z.string().max(500).optional(),
      cover: z.string().nullable().optional(),
      /** Another format than that of the file here replaces the file; crates keep the track. */
      format: AudioFormat.optional(),
    }),
    output: Download,
    errors: ['not-signed-in'],
  }),
  list: desktopQuery({
    about: 'The queue in its order, then what has ended, newest first; with `ids` only these of it.',
    input: z.object({ ids: z.array(Id).max(1000).optional() }),
    output: z.object({
      downloads: z.array(Download),
      isPaused: z.boolean(),
      bytesPerSecond: z.int(),
      /** The limit over all downloads that applies now, in bytes per second, and where it comes from; 0 holds the whole queue. */
      limit: z.object({
        bytesPerSecond: z.int().nonnegative().nullable(),
        source: z.enum(['none', 'always', 'schedule', 'headroom']),
        /** When the schedule changes it next. */
        until: Instant.nullable(),
      }),
      /** The connection is metered and nobody has said yet whether to use it. */
      asksAboutMetered: z.boolean(),
    }),
  }),
  pause: desktopCommand({
    about: 'Pauses one download; what is here stays.',
    input: byId,
    output: Download,
    errors: ['not-found', 'not-downloadable'],
  }),
  resume: desktopCommand({
    about: 'Continues a paused download.',
    input: byId,
    output: Download,
    errors: ['not-found', 'not-downloadable'],
  }),
  retry: desktopCommand({
    about: 'Tries a failed or waiting download again, now.',
    input: byId,
    output: Download,
    errors: ['not-found', 'not-downloadable'],
  }),
  cancelDownload: desktopCommand({
    about: 'Gives a download up and removes its partial file.',
    input: byId,
    output: Download,
    errors: ['not-found', 'not-downloadable'],
  }),
  move: desktopCommand({
    about: 'Puts a queued download at a position of the queue, 0 being next.',
    input: byId.extend({ position: z.int().nonnegative() }),
    output: Done,
    errors: ['not-found'],
  }),
  downloadNext: desktopCommand({
    about: 'Puts a download before all others that wait.',
    input: byId,
    output: Download,
    errors: ['not-found', 'not-downloadable'],
  }),
  downloadNow: desktopCommand({
    about:
      'Starts a download at once; where all places are taken, the one that started last goes back to the queue, with what is here of it.',
    input: byId,
    output: Download,
    errors: ['not-found', 'not-downloadable'],
  }),
  limitDownload: desktopCommand({
    about: 'Sets the most bytes per second of one download; null takes the limit away, 0 holds it.',
    input: byId.extend({ bytesPerSecond: z.int().nonnegative().nullable() }),
    output: Download,
    errors: ['not-found'],
  }),
  plan: desktopQuery({
    about: 'Whether what is still to come fits, for each volume over the whole queue.',
    input: Nothing,
    output: z.object({ volumes: z.array(VolumePlan) }),
  }),
  answerMetered: desktopCommand({
    about: 'Says whether downloads may use the metered connection until it changes.',
    input: z.object({ mayUse: z.boolean() }),
    output: Done,
  }),
  planEverything: desktopQuery({
    about: 'What "download everything I own" would fetch, and whether it fits.',
    input: Nothing,
    output: z.object({
      downloads: z.int(),
      bytes: z.int(),
      /** Tracks that are healthy on this computer. */
      areHere: z.int(),
      freeBytes: z.int().nullable(),
      missingBytes: z.int(),
    }),
    errors: ['not-signed-in', 'offline'],
  }),
  downloadEverything: desktopCommand({
    about:
      'Queues everything the account owns that is not healthy on this computer; goes on over restarts and ends with one report.',
    input: Nothing,
    output: Everything,
    errors: ['not-signed-in', 'offline', 'disk-full'],
  }),
  everything: desktopQuery({
    about: 'How the last "download everything" stands; null when there was none.',
    input: Nothing,
    output: z.object({ everything: Everything.nullable() }),
  }),
  diagnose: desktopQuery({
    about: 'Facts about one download to copy into a report: state, codes, counts; no token, path or address.',
    input: byId,
    output: z.object({ text: z.string() }),
    errors: ['not-found'],
  }),
  pauseAll: desktopCommand({ about: 'Pauses the whole queue.', input: Nothing, output: Done }),
  resumeAll: desktopCommand({ about: 'Continues the whole queue.', input: Nothing, output: Done }),
  clearFinished: desktopCommand({
    about: 'Takes what has ended off the list; files stay.',
    input: Nothing,
    output: Done,
  }),
})

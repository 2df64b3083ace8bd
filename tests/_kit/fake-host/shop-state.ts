import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import type { Settings } from '../../../contract/app.ts'
import type { Output } from '../../../contract/call.ts'
import type { TrackSummary } from '../../../contract/catalogue.ts'
import type { Payment } from '../../../contract/commerce.ts'
import type { Crate } from '../../../contract/crates.ts'
import type { Download, delivery, Everything, VolumePlan } from '../../../contract/delivery.ts'
import type { Device, SignInState } from '../../../contract/identity.ts'
import type { LibraryItem, LocalState } from '../../../contract/library.ts'
import { queuedDownload } from '../../../renderer/shared/state/queued-download.ts'
import { ago, NOW, packs, packTracks, tracks } from './fixtures.ts'

export interface ShopState {
  session: SignInState
  devices: Device[]
  settings: Settings
  isOnline: boolean
  libraryFolder: string
  notices: { code: string; message: string }[]
  library: LibraryItem[]
  downloads: Download[]
  isPaused: boolean
  limit: Output<typeof delivery.list>['limit']
  asksAboutMetered: boolean
  volumes: VolumePlan[]
  everything: Everything | null
  everythingPlan: Output<typeof delivery.planEverything>
  /** What was asked for of the queue, in the order of asking. */
  asked: { call: string; input: unknown }[]
  crates: Crate[]
  payments: z.infer<typeof Payment>[]
}

const THUMB = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'
const EMAIL = 'listener@mixmint.example'

function device(name: string, platform: Device['platform'], lastSeenDays: number): Device {
  return {
    id: randomUUID(),
    thumbprint:
      THUMB.split('')
        .reverse()
        .join('')
        .slice(lastSeenDays % 20) + THUMB.slice(0, lastSeenDays % 20),
    name,
    platform,
    kind: 'persistent',
    createdAt: ago(120),
    lastSeenAt: ago(lastSeenDays),
    revokedAt: null,
  }
}

/** An account that bought a pack and some tracks, with one of everything in its queue and library. */
export function fullState(): ShopState {
  const devices = [
    device('Studio laptop', 'linux', 0),
    device('Club MacBook', 'macos', 2),
    device('Old desktop', 'windows', 61),
  ]
  const owned = [...(packTracks.get(packs[0]?.id ?? '') ?? []), ...tracks.slice(2, 12)]
  const states: LocalState[] = [
    'here',
    'here',
    'cloud',
    'here',
    'retagged',
    'missing',
    'here',
    'damaged',
    'cloud',
    'here',
    'queued',
    'downloading',
  ]
  const library = [...new Map(owned.map((track) => [track.id, track])).values()].map((track, index) =>
    toItem(track, states[index % states.length] ?? 'here', index),
  )
  const inMany = tracks.filter(({ formats }) => formats.length > 1)
  for (const [index, track] of inMany.slice(-2).entries()) {
    library.push(toItem(track, index === 0 ? 'here' : 'cloud', library.length))
  }
  const here = library.filter(({ state }) => state === 'here' || state === 'retagged')
  return {
    session: signedIn(devices[0] ?? null),
    devices,
    settings: {
      theme: 'dark',
      parallelDownloads: 3,
      connectionsPerFile: 4,
      bandwidthLimit: null,
      speedSchedule: [],
      headroomPercent: 0,
      onMetered: 'ask',
      meteredConnection: 'auto',
      keepAwake: true,
      afterQueue: 'nothing',
      keepPackZips: false,
      downloadAfterPurchase: true,
      fileNameTemplate: '{artist} - {title}',
      volume: 0.8,
    },
    isOnline: true,
    libraryFolder: '/home/robin/Music/MixMint',
    notices: [],
    library,
    downloads: queue(),
    isPaused: false,
    limit: { bytesPerSecond: null, source: 'none', until: null },
    asksAboutMetered: false,
    volumes: [
      {
        name: 'Home',
        isForCopies: false,
        isConnected: true,
        downloads: 6,
        remainingBytes: 182_000_000,
        freeBytes: 212_000_000_000,
        missingBytes: 0,
      },
    ],
    everything: null,
    everythingPlan: { downloads: 388, bytes: 9_200_000_000, areHere: 12, freeBytes: 212_000_000_000, missingBytes: 0 },
    asked: [],
    crates: [
      crate('Friday', here.slice(0, 6), '/media/robin/USB DJ/Friday'),
      crate('Warm-up', [...library.slice(0, 4)], null),
      crate('Deep & late', [], null),
    ],
    payments: [],
  }
}

/** An account that has just begun. */
export function emptyState(): ShopState {
  const full = fullState()
  return { ...full, library: [], downloads: [], volumes: [], crates: [], devices: full.devices.slice(0, 1) }
}

export function signedIn(thisDevice: Device | null): SignInState {
  return {
    status: 'signed-in',
    account: {
      id: '5a8b1a44-8a53-4f0c-9f5d-0f6f6d1a2b3c',
      email: EMAIL,
      fullName: 'Robin Sharma',
      role: 'user',
      status: 'active',
    },
    device: thisDevice,
    secretStore: 'file-vault',
    secretNotice: 'Your sign-in is kept in an encrypted file, because this computer has no keychain that answers.',
  }
}

export function signedOut(): SignInState {
  return { status: 'signed-out', account: null, device: null, secretStore: 'file-vault', secretNotice: null }
}

export function toItem(track: TrackSummary, state: LocalState, days: number): LibraryItem {
  const { id, title, artist, genre, bpm, key, durationSeconds, format, sizeBytes, formats } = track
  const { cover, peaks, preview } = track
  const isHere = state === 'here' || state === 'retagged' || state === 'damaged'
  return {
    trackId: id,
    source: { contentType: 'track', contentId: id },
    access: 'purchase',
    title,
    artist,
    album: null,
    genre: genre?.name ?? null,
    bpm,
    key,
    durationSeconds,
    format,
    sizeBytes,
    formats,
    cover,
    peaks,
    preview,
    ownedSince: ago(days),
    state,
    fileName: isHere ? `${artist} - ${title}.${format ?? 'mp3'}` : null,
    tags: isHere ? { title, artist, album: null, bpm, key, hasCover: true } : null,
    track: { ...track, access: 'purchase' },
  }
}

function crate(name: string, items: readonly LibraryItem[], path: string | null): Crate {
  return {
    id: randomUUID(),
    name,
    items: items.map(({ source, title, artist, bpm, key, durationSeconds, cover, state }, index) => ({
      ...source,
      title,
      artist,
      bpm,
      key,
      durationSeconds,
      cover,
      state: state === 'here' ? (path !== null && index < 4 ? 'synced' : 'here') : 'cloud',
    })),
    folder: path === null ? null : { id: 'folder-friday', path, isThere: true },
    fileNameTemplate: null,
    lastSyncedAt: path === null ? null : ago(1),
    hasPendingEdits: false,
  }
}

export function toDownload(track: TrackSummary, position: number, more: Partial<Download>): Download {
  const { id: contentId, title, artist, cover, sizeBytes: totalBytes } = track
  const asked = { content: { contentType: 'track' as const, contentId }, title, artist, cover, format: null }
  return { ...queuedDownload(asked, ago(0)), id: randomUUID(), totalBytes, position, ...more }
}

function queue(): Download[] {
  const some = tracks.slice(12, 20)
  const cells = '2'.repeat(14) + '1'.repeat(3) + '0'.repeat(9) + '2'.repeat(2) + '0'.repeat(12)
  const looks: Partial<Download>[] = [
    {
      status: 'downloading',
      receivedBytes: 14_200_000,
      totalBytes: 38_000_000,
      bytesPerSecond: 3_240_000,
      secondsLeft: 8,
      segments: cells,
    },
    { status: 'verifying', receivedBytes: 9_400_000, totalBytes: 9_400_000, segments: '2'.repeat(20) + '1'.repeat(3) },
    {
      status: 'stalled',
      receivedBytes: 3_000_000,
      segments: `222${'0'.repeat(9)}`,
      reason: { code: 'storage-unavailable', message: 'The file store can not be reached' },
      retryAt: new Date(Date.now() + 45_000).toISOString(),
    },
    { status: 'queued' },
    { status: 'queued' },
    { status: 'paused', receivedBytes: 5_000_000, segments: `22222${'0'.repeat(7)}` },
    {
      status: 'failed',
      reason: { code: 'attempts-exhausted', message: 'No download attempts are left' },
      attemptsLeft: 0,
    },
    {
      status: 'done',
      receivedBytes: 9_000_000,
      totalBytes: 9_000_000,
      finishedAt: new Date(NOW).toISOString(),
      segments: '2'.repeat(12),
    },
  ]
  return some.map((track, index) => toDownload(track, index, looks[index] ?? {}))
}

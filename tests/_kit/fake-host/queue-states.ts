import type { Download, DownloadStatus } from '../../../contract/delivery.ts'
import { tracks } from './fixtures.ts'
import { fullState, type ShopState, toDownload } from './shop-state.ts'

const MINUTE_MS = 60_000
const soon = (ms: number): string => new Date(Date.now() + ms).toISOString()
const reason = (code: string) => ({ code, message: code })
const CELLS = `${'2'.repeat(14)}111${'0'.repeat(9)}22${'0'.repeat(12)}`

/** A look for each status there is, as the engine would tell it. */
export const LOOK_OF: Readonly<Record<DownloadStatus, Partial<Download>>> = {
  downloading: {
    receivedBytes: 14_200_000,
    totalBytes: 38_000_000,
    bytesPerSecond: 3_240_000,
    secondsLeft: 8,
    segments: CELLS,
  },
  preparing: {},
  verifying: { receivedBytes: 9_400_000, totalBytes: 9_400_000, segments: `${'2'.repeat(20)}111` },
  queued: {},
  stalled: {
    receivedBytes: 3_000_000,
    segments: `222${'0'.repeat(9)}`,
    reason: reason('storage-unavailable'),
    retryAt: soon(MINUTE_MS),
  },
  'waiting-for-network': { receivedBytes: 7_000_000, segments: CELLS, reason: reason('offline') },
  'waiting-for-drive': { reason: reason('drive-missing'), driveName: 'MUSIC' },
  paused: { receivedBytes: 5_000_000, segments: `22222${'0'.repeat(7)}` },
  'needs-sign-in': { reason: reason('session-expired') },
  'needs-device': { reason: reason('device-revoked') },
  'needs-space': { reason: reason('disk-full'), missingBytes: 1_200_000_000 },
  'needs-folder': { reason: reason('folder-missing') },
  'needs-consent': { reason: reason('metered-connection') },
  failed: { reason: reason('attempts-exhausted'), attemptsLeft: 0 },
  done: { receivedBytes: 9_000_000, totalBytes: 9_000_000, finishedAt: soon(-MINUTE_MS) },
  cancelled: { finishedAt: soon(-5 * MINUTE_MS) },
  ended: { reason: reason('content-revoked'), finishedAt: soon(-9 * MINUTE_MS) },
}
export const STATUSES = Object.keys(LOOK_OF) as readonly DownloadStatus[]

/** One download in each status, with the title of its track. */
export function everyStatus(): ShopState {
  const state = fullState()
  state.downloads = STATUSES.map((status, index) => {
    const track = tracks[index]
    if (track === undefined) throw new Error('The demo catalogue is too small')
    return toDownload(track, index, { status, ...LOOK_OF[status] })
  })
  return state
}

/** A queue of so many that wait, called `Track 0`, `Track 1`, …. */
export function longQueue(count: number): ShopState {
  const state = fullState()
  const [track] = tracks
  if (track === undefined) throw new Error('The demo catalogue is too small')
  state.downloads = Array.from({ length: count }, (_, index) =>
    toDownload({ ...track, title: `Track ${index}` }, index, {}),
  )
  return state
}

/** What went wrong for a few of a large library. */
export function finishedEverything(): ShopState {
  const state = fullState()
  const failed = ['attempts-exhausted', 'content-revoked', 'corrupt-source'].map((code, index) => ({
    content: { contentType: 'track' as const, contentId: tracks[index]?.id ?? '' },
    title: tracks[index]?.title ?? '',
    code,
    message: code,
  }))
  state.everything = {
    startedAt: soon(-60 * MINUTE_MS),
    finishedAt: soon(-MINUTE_MS),
    total: 388,
    done: 385,
    wereHere: 12,
    failed,
    receivedBytes: 9_140_000_000,
    totalBytes: 9_200_000_000,
  }
  return state
}

/** A metered line, a disk that is too small, a drive that is away, and a limit of the schedule. */
export function troubledQueue(): ShopState {
  const state = everyStatus()
  const shown: ReadonlySet<DownloadStatus> = new Set(['downloading', 'needs-consent', 'waiting-for-drive', 'queued'])
  state.downloads = state.downloads.filter(({ status }) => shown.has(status))
  state.asksAboutMetered = true
  const until = new Date()
  until.setHours(18, 0, 0, 0)
  state.limit = { bytesPerSecond: 2_000_000, source: 'schedule', until: until.toISOString() }
  const disk = { name: 'Home', isForCopies: false, isConnected: true, downloads: 120, remainingBytes: 8_400_000_000 }
  state.volumes = [
    { ...disk, freeBytes: 7_200_000_000, missingBytes: 1_200_000_000 },
    {
      ...disk,
      name: 'MUSIC',
      isConnected: false,
      downloads: 12,
      remainingBytes: 480_000_000,
      freeBytes: null,
      missingBytes: 0,
    },
    {
      ...{ ...disk, name: 'STICK', isForCopies: true, downloads: 31 },
      ...{ remainingBytes: 2_900_000_000, freeBytes: 1_100_000_000, missingBytes: 1_816_000_000 },
    },
  ]
  return state
}

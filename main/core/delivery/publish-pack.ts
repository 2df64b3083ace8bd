import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { PackEntry } from '../../../contract/delivery.ts'
import type { Disk } from '../library/disk.ts'
import { type Arrival, publishArrivals } from '../library/local-library.ts'
import { listOwnedRows } from '../library/rows.ts'
import { ownedTracks, trackFileName } from '../library/track-names.ts'
import type { Clock, SettingsStore } from '../ports.ts'
import { extractPieces, type Piece } from './extract-pack.ts'
import { isHealthy } from './healthy-file.ts'

/** Tracks that are published together: so many that waiting for the disk counts little, so few that a crash or a pause leaves little to do again. */
const MOST_TRACKS = 32
const MOST_BYTES = 64 * 1024 * 1024

interface PackNeeds {
  readonly disk: Disk
  readonly db: DatabaseSync
  readonly clock: Clock
  readonly settings: SettingsStore
}

interface PackPlaces {
  /** The zip; of it all is verified that belongs to tracks which are not here. */
  readonly staged: string
  readonly staging: string
  readonly library: string
}

/**
 * Puts the tracks of a pack into the library, some at a time; those that are here already stay as they are. What was whole before a track
 * that is not, or before `signal` aborts, is in the library. Throws `corrupt-source`, what the disk does, and the reason of an abort.
 */
export async function publishPack(
  needs: PackNeeds,
  downloadId: string,
  contents: readonly PackEntry[],
  { staged, staging, library }: PackPlaces,
  signal: AbortSignal,
): Promise<void> {
  const { disk, db, clock, settings } = needs
  const { fileNameTemplate } = settings.get()
  const owned = ownedTracks(listOwnedRows(db))
  const toArrival = ({ entry, target }: Piece): Arrival => {
    const { trackId, sha256, audioSha256, fileName } = entry
    const name = trackFileName(fileNameTemplate, owned.get(trackId) ?? null, fileName)
    return { staged: target, name, trackId, sha256, audioSha256 }
  }
  const pieces = firstOfEach(contents).map((entry, index): Piece => {
    return { entry, target: path.join(staging, `${downloadId}.${index}.piece`) }
  })
  for (const batch of inBatches(pieces)) {
    const wanted = await withoutHealthy(needs, batch)
    if (wanted.length === 0) continue
    const extracted: Piece[] = []
    try {
      await extractPieces(disk, staged, wanted, (piece) => void extracted.push(piece), signal)
    } finally {
      // Some may have come by themselves meanwhile.
      const arrivals = (await withoutHealthy(needs, extracted)).map(toArrival)
      await publishArrivals(db, disk, library, arrivals, clock.now())
    }
  }
}

/** A track that is in the list twice comes once. */
function firstOfEach(contents: readonly PackEntry[]): PackEntry[] {
  const seen = new Set<string>()
  return contents.filter(({ trackId }) => !seen.has(trackId) && seen.add(trackId))
}

async function withoutHealthy({ disk, db }: PackNeeds, pieces: readonly Piece[]): Promise<Piece[]> {
  const wanted: Piece[] = []
  for (const piece of pieces) if (!(await isHealthy(disk, db, piece.entry.trackId))) wanted.push(piece)
  return wanted
}

function* inBatches(pieces: readonly Piece[]): Generator<Piece[]> {
  let batch: Piece[] = []
  let bytes = 0
  for (const piece of pieces) {
    const { sizeBytes } = piece.entry
    if (batch.length === MOST_TRACKS || (batch.length > 0 && bytes + sizeBytes > MOST_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(piece)
    bytes += sizeBytes
  }
  if (batch.length > 0) yield batch
}

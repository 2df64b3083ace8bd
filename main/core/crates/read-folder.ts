import path from 'node:path'
import { type Disk, onDisk } from '../library/disk.ts'
import { nameKey, withoutNumber } from '../library/file-names.ts'
import type { DamagedTwin } from '../library/rows.ts'
import type { FolderHashes } from './folder-hashes.ts'
import type { FolderFile, ManifestFile, WantedTrack } from './rules.ts'

/** Folders deep that files are looked for inside a crate's folder. */
const DEEPEST = 2

/** The plain files of a crate's folder, hidden ones left out; links are not followed. */
export async function readFolder(disk: Disk, folder: string): Promise<FolderFile[]> {
  return await filesIn(disk, folder, '', DEEPEST)
}

async function filesIn(disk: Disk, folder: string, below: string, depth: number): Promise<FolderFile[]> {
  const entries = await disk.readdir(path.join(folder, below), { withFileTypes: true }).catch(() => [])
  const files: FolderFile[] = []
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const name = below === '' ? entry.name : `${below}/${entry.name}`
    if (entry.isDirectory() && depth > 0) files.push(...(await filesIn(disk, folder, name, depth - 1)))
    if (!entry.isFile()) continue
    const { size, mtimeMs, dev, ino } = await disk.lstat(path.join(folder, name))
    files.push({ name, sizeBytes: size, changedMs: mtimeMs, identity: `${dev}/${ino}` })
  }
  return files
}

/** Empty files that keep the name of a track where files can not be linked: a sync that was killed left them behind. */
export function findReservations(
  files: readonly FolderFile[],
  wanted: readonly WantedTrack[],
): ReadonlySet<FolderFile> {
  const names = new Set(wanted.map(({ name }) => nameKey(name)))
  const isKept = (name: string) => names.has(nameKey(name)) || names.has(nameKey(withoutNumber(name)))
  return new Set(files.filter(({ name, sizeBytes }) => sizeBytes === 0 && isKept(name)))
}

/** Those that were written from another file than the one the library has now, as when a track came in another format. */
export function outdatedFiles(
  manifest: readonly ManifestFile[],
  wanted: readonly WantedTrack[],
): ReadonlySet<ManifestFile> {
  const now = new Map(wanted.map(({ trackId, source }) => [trackId, source?.sha256]))
  return new Set(manifest.filter(({ trackId, sha256 }) => (now.get(trackId) ?? sha256) !== sha256))
}

/** The file of a track that is another name of the damaged one that the library has replaced. */
export function findTwin(
  known: ManifestFile,
  files: readonly FolderFile[],
  twins: ReadonlyMap<string, DamagedTwin | null>,
): { trackId: string; name: string } | null {
  const twin = twins.get(known.trackId) ?? null
  if (twin === null) return null
  const file = files.find(({ name }) => nameKey(name) === nameKey(known.name))
  const isTwin = file?.identity === twin.identity && file.changedMs === twin.changedMs
  return isTwin ? { trackId: known.trackId, name: file.name } : null
}

/**
 * Which file of the folder is each track's: the one under its name in the manifest while that is unchanged, else one that is the same file
 * as the library's, else one with the same bytes, and for a track that was here before one with the same sound.
 */
export async function findPresent(
  disk: Disk,
  hashes: FolderHashes,
  files: readonly FolderFile[],
  manifest: readonly ManifestFile[],
  wanted: readonly WantedTrack[],
): Promise<Map<string, FolderFile>> {
  const present = new Map<string, FolderFile>()
  const byName = new Map(files.map((file) => [nameKey(file.name), file]))
  const claimed = new Set<FolderFile>()
  const claim = (trackId: string, file: FolderFile) => {
    present.set(trackId, file)
    claimed.add(file)
  }
  const sourceOf = new Map(wanted.map(({ trackId, source }) => [trackId, source]))

  const lost: ManifestFile[] = []
  for (const known of manifest) {
    const file = byName.get(nameKey(known.name))
    if (file !== undefined && (await isStill(hashes, file, known, sourceOf.get(known.trackId)?.identity)))
      claim(known.trackId, file)
    else lost.push(known)
  }
  const byIdentity = Map.groupBy(files, ({ identity }) => identity)
  for (const { trackId, source } of wanted) {
    if (present.has(trackId) || source === null) continue
    const linked = byIdentity.get(source.identity)?.find((file) => !claimed.has(file))
    if (linked !== undefined) claim(trackId, linked)
  }
  for (const known of lost) {
    if (present.has(known.trackId)) continue
    const moved = await firstOf(
      files,
      (file) => !claimed.has(file) && isLike(file, known.name) && hashes.hasSound(file, known),
    )
    if (moved !== null) claim(known.trackId, moved)
  }
  for (const { trackId, source } of wanted) {
    if (present.has(trackId) || source === null) continue
    const { size: sizeBytes } = await onDisk(() => disk.stat(source.place))
    const same = await firstOf(
      files,
      (file) => !claimed.has(file) && file.sizeBytes === sizeBytes && hashes.hasBytes(file, source.sha256),
    )
    if (same !== null) claim(trackId, same)
  }
  return present
}

/** The file that the manifest names, untouched since, or touched in its tags only. */
async function isStill(
  hashes: FolderHashes,
  file: FolderFile,
  known: ManifestFile,
  identity: string | undefined,
): Promise<boolean> {
  if (file.identity === identity) return true
  if (file.sizeBytes === known.sizeBytes && file.changedMs === known.changedMs) return true
  return await hashes.hasSound(file, known)
}

function isLike(file: FolderFile, name: string): boolean {
  return path.extname(file.name).toLowerCase() === path.extname(name).toLowerCase()
}

async function firstOf(
  files: readonly FolderFile[],
  isIt: (file: FolderFile) => boolean | Promise<boolean>,
): Promise<FolderFile | null> {
  for (const file of files) if (await isIt(file)) return file
  return null
}

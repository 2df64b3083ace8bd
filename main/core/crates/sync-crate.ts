import { createHash } from 'node:crypto'
import path from 'node:path'
import type { SyncReport } from '../../../contract/crates.ts'
import { type Disk, freeBytes, onDisk, removeFile } from '../library/disk.ts'
import { freeName, nameKey, safeFileName } from '../library/file-names.ts'
import type { DamagedTwin } from '../library/rows.ts'
import type { Random } from '../ports.ts'
import { applyActions, removeLeftovers, temporaryName } from './apply-actions.ts'
import { createFolderHashes, type FolderHashes } from './folder-hashes.ts'
import { type PlaylistEntry, toM3u8 } from './m3u8.ts'
import { MANIFEST, type Manifest, readManifest, toManifestText, writeOwnFile } from './manifest.ts'
import { findPresent, findReservations, findTwin, outdatedFiles, readFolder } from './read-folder.ts'
import { type FolderFile, type ManifestFile, planSync, type SyncAction, type WantedTrack } from './rules.ts'

/** A track of the crate with what the playlist says of it. */
export interface CrateTrack extends WantedTrack {
  readonly artist: string
  readonly title: string
  readonly durationSeconds: number | null
  /** Bytes to download; null where the store does not say. */
  readonly downloadBytes: number | null
}

export interface SyncJob {
  readonly crateId: string
  readonly name: string
  readonly folder: string
  readonly tracks: readonly CrateTrack[]
  /** The library's healthy files, by track. */
  readonly libraryHas: ReadonlySet<string>
  /** Damaged files that the library has replaced just now, by track: one may have a second name in the folder. */
  readonly twins: ReadonlyMap<string, DamagedTwin | null>
}

interface SyncNeeds {
  readonly disk: Disk
  readonly random: Random
}

/** Where the playlist goes and what it says; `isWritten` when that is there already. */
interface PlaylistPlan {
  readonly name: string
  readonly text: string
  readonly isWritten: boolean
  /** Our own playlist under an older name. */
  readonly removes: string | null
}

const NONE: ReadonlySet<string> = new Set()

/**
 * Brings a crate's folder up to date and answers what that took; with `isDry` it only answers what it would take. Nothing that the crate did
 * not put there is touched, and a second run finds nothing to do. `damaged`, among those that wait, are tracks whose file in the library was
 * found to be damaged as it was copied. Throws `folder-missing`, `folder-not-writable`, `disk-full`, `disk-error`.
 */
export async function syncCrate(
  needs: SyncNeeds,
  job: SyncJob,
  isDry: boolean,
): Promise<SyncReport & { waiting: readonly string[]; damaged: readonly string[] }> {
  const { disk } = needs
  const { folder, tracks } = job
  await onDisk(() => disk.readdir(folder))
  if (!isDry) await removeLeftovers(disk, folder)
  const before = await readManifest(disk, folder)
  const known = before?.files ?? []
  const found = await readFolder(disk, folder)
  const reservations = findReservations(found, tracks)
  if (!isDry) for (const { name } of reservations) await onDisk(() => removeFile(disk, path.join(folder, name)))
  const files = found.filter((file) => !reservations.has(file))
  const outdated = outdatedFiles(known, tracks)
  const damaged = known.flatMap((file) => findTwin(file, files, job.twins) ?? [])
  const damagedTracks = new Set(damaged.map(({ trackId }) => trackId))
  const current = known.filter((file) => !outdated.has(file) && !damagedTracks.has(file.trackId))
  const hashes = createFolderHashes(disk, folder)
  const present = await findPresent(disk, hashes, files, current, tracks)
  const removable = await findRemovable(hashes, job, current, present)
  const plan = planSync({
    wanted: tracks,
    manifest: current,
    folder: files,
    present,
    removable,
    outdated: await findReplaceable(hashes, outdated, files),
    damaged,
  })
  const {
    names,
    leftAlone,
    damaged: rotten,
  } = isDry
    ? { names: namesOf(plan.actions), leftAlone: 0, damaged: NONE }
    : await applyActions(needs, { folder, tracks, files }, plan.actions)
  const playlist = await planPlaylist(disk, job, before, names, plan.actions, files)
  const stays = current.filter(
    ({ trackId }) => !names.has(trackId) && tracks.some((track) => track.trackId === trackId),
  )
  const entries = isDry ? [] : await describeFiles(disk, job, current, plan.actions, names)
  const writesPlaylist = !playlist.isWritten
  if (!isDry && writesPlaylist) await writePlaylist(needs, folder, playlist)
  const changes = plan.actions.filter(({ kind }) => kind !== 'keep').length - leftAlone - rotten.size
  const manifest: Manifest = {
    version: 1,
    crateId: job.crateId,
    playlist: {
      name: playlist.name,
      sha256: playlist.isWritten ? writtenHash(before, playlist) : hashOf(playlist.text),
    },
    files: [...entries, ...stays],
  }
  const writesManifest = isDry
    ? before === null || changes > 0 || writesPlaylist
    : await writeManifest(needs, folder, manifest)
  const waiting = new Set([...plan.waiting, ...rotten])
  const waitingTracks = tracks.filter(({ trackId }) => waiting.has(trackId))
  return {
    added: count(plan.actions, 'add') - rotten.size,
    renamed: count(plan.actions, 'rename'),
    removed: count(plan.actions, 'remove') - leftAlone,
    unchanged: count(plan.actions, 'keep'),
    waitingForDownload: waiting.size,
    bytesToDownload: waitingTracks.reduce((sum, { downloadBytes }) => sum + (downloadBytes ?? 0), 0),
    freeBytes: await freeBytes(disk, folder),
    writes: changes + (writesPlaylist ? 1 : 0) + (writesManifest ? 1 : 0),
    folder,
    playlist: playlist.name,
    waiting: [...waiting],
    damaged: [...rotten],
  }
}

/** Of what we wrote under that name, which the user may have changed since. */
function writtenHash(before: Manifest | null, { name, text }: PlaylistPlan): string {
  return before?.playlist?.name === name ? before.playlist.sha256 : hashOf(text)
}

function namesOf(actions: readonly SyncAction[]): ReadonlyMap<string, string> {
  return new Map(
    actions.flatMap((action) => (action.kind === 'remove' ? [] : [[action.trackId, action.name] as const])),
  )
}

function count(actions: readonly SyncAction[], kind: SyncAction['kind']): number {
  return actions.filter((action) => action.kind === kind).length
}

/** Files of tracks that left the crate go only where the library has the same track, and the bytes are as they were put there. */
async function findRemovable(
  hashes: FolderHashes,
  { tracks, libraryHas }: SyncJob,
  known: readonly ManifestFile[],
  present: ReadonlyMap<string, FolderFile>,
): Promise<Set<string>> {
  const removable = new Set<string>()
  const wanted = new Set(tracks.map(({ trackId }) => trackId))
  for (const { trackId, sha256 } of known) {
    const file = present.get(trackId)
    if (file === undefined || !libraryHas.has(trackId) || wanted.has(trackId)) continue
    if (await hashes.hasBytes(file, sha256)) removable.add(trackId)
  }
  return removable
}

/** Of the files that have a successor those that are as they were put there; one that somebody changed is theirs and stays. */
async function findReplaceable(
  hashes: FolderHashes,
  outdated: ReadonlySet<ManifestFile>,
  files: readonly FolderFile[],
): Promise<{ trackId: string; name: string }[]> {
  const replaceable: { trackId: string; name: string }[] = []
  const byName = new Map(files.map((file) => [nameKey(file.name), file]))
  for (const { trackId, name, sha256 } of outdated) {
    const file = byName.get(nameKey(name))
    if (file !== undefined && (await hashes.hasBytes(file, sha256))) replaceable.push({ trackId, name: file.name })
  }
  return replaceable
}

async function describeFiles(
  disk: Disk,
  { folder, tracks }: SyncJob,
  known: readonly ManifestFile[],
  actions: readonly SyncAction[],
  names: ReadonlyMap<string, string>,
): Promise<ManifestFile[]> {
  const files: ManifestFile[] = []
  const sources = new Map(tracks.map(({ trackId, source }) => [trackId, source]))
  const before = new Map(known.map((file) => [file.trackId, file]))
  for (const action of actions) {
    const name = names.get(action.trackId)
    if (name === undefined || action.kind === 'remove') continue
    const facts = before.get(action.trackId) ?? sources.get(action.trackId)
    if (facts === null || facts === undefined) continue
    const { size, mtimeMs } = await onDisk(() => disk.lstat(path.join(folder, name)))
    const { sha256, audioSha256 } = facts
    files.push({
      trackId: action.trackId,
      name,
      givenName: action.givenName,
      sha256,
      audioSha256,
      sizeBytes: size,
      changedMs: mtimeMs,
    })
  }
  return files
}

/** A playlist that somebody else wrote or changed is left alone: ours then takes a numbered name. */
async function planPlaylist(
  disk: Disk,
  { folder, name, tracks }: SyncJob,
  before: Manifest | null,
  names: ReadonlyMap<string, string>,
  actions: readonly SyncAction[],
  files: readonly FolderFile[],
): Promise<PlaylistPlan> {
  const text = toM3u8(
    tracks.flatMap((track): PlaylistEntry[] => {
      const file = names.get(track.trackId)
      return file === undefined ? [] : [{ ...track, name: file }]
    }),
  )
  const wanted = safeFileName(name, 'm3u8')
  const ours = before?.playlist ?? null
  const present = ours === null ? null : await hashOfFile(disk, folder, ours.name)
  if (ours !== null && present !== null) {
    const isAsWritten = present === ours.sha256
    const saysTheSame = hashOf(text) === ours.sha256
    if (saysTheSame && (!isAsWritten || isNumbered(ours.name, wanted)))
      return { name: ours.name, text, isWritten: true, removes: null }
    if (isAsWritten && isNumbered(ours.name, wanted)) return { name: ours.name, text, isWritten: false, removes: null }
    if (isAsWritten) return { name: free(wanted), text, isWritten: false, removes: ours.name }
  }
  if ((await hashOfFile(disk, folder, wanted)) === hashOf(text))
    return { name: wanted, text, isWritten: true, removes: null }
  return { name: free(wanted), text, isWritten: false, removes: null }

  function free(playlist: string): string {
    const taken = [...files.map((file) => file.name), ...actions.map((action) => action.name)]
    return freeName(playlist, new Set(taken.map(nameKey)))
  }
}

/** True for `wanted` itself and `wanted (2)` and so on. */
function isNumbered(name: string, wanted: string): boolean {
  return nameKey(name.replace(/ \(\d+\)(?=\.m3u8$)/, '')) === nameKey(wanted)
}

async function writePlaylist(
  { disk, random }: SyncNeeds,
  folder: string,
  { name, text, removes }: PlaylistPlan,
): Promise<void> {
  await writeOwnFile(disk, folder, name, text, temporaryName(random))
  if (removes !== null) await onDisk(() => removeFile(disk, path.join(folder, removes)))
}

/** True when something had to be written. */
async function writeManifest({ disk, random }: SyncNeeds, folder: string, manifest: Manifest): Promise<boolean> {
  const text = toManifestText(manifest)
  const present = await disk.readFile(path.join(folder, MANIFEST), 'utf8').catch(() => null)
  if (present === text) return false
  await writeOwnFile(disk, folder, MANIFEST, text, temporaryName(random))
  return true
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

async function hashOfFile(disk: Disk, folder: string, name: string): Promise<string | null> {
  return await disk.readFile(path.join(folder, name)).then(
    (bytes) => createHash('sha256').update(bytes).digest('hex'),
    () => null,
  )
}

import type { DatabaseSync } from 'node:sqlite'
import type { Crate } from '../../../contract/crates.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { Disk } from '../library/disk.ts'
import type { LocalFile } from '../library/rows.ts'
import type { FolderIds } from '../needs.ts'
import { healthyFiles, indexOwned, keyOf, movingDownloads, type OwnedIndex } from './crate-tracks.ts'
import { readManifest } from './manifest.ts'
import { type CrateRow, findFolder, findItemFacts, findTemplate } from './rows.ts'

interface ViewNeeds {
  readonly db: DatabaseSync
  readonly disk: Disk
  readonly folderIds: FolderIds
}

type Item = Crate['items'][number]

interface Facts {
  readonly owned: OwnedIndex
  readonly files: ReadonlyMap<string, LocalFile>
  readonly moving: ReadonlySet<string>
}

/** Crates as this computer sees them: with names, and where each item is. */
export async function viewCrates(needs: ViewNeeds, crates: readonly CrateRow[]): Promise<Crate[]> {
  const { db, disk } = needs
  const facts = { owned: indexOwned(db), files: await healthyFiles(db, disk), moving: movingDownloads(db) }
  const views: Crate[] = []
  for (const crate of crates) views.push(await viewCrate(needs, crate, facts))
  return views
}

async function viewCrate({ db, disk, folderIds }: ViewNeeds, crate: CrateRow, facts: Facts): Promise<Crate> {
  const folder = findFolder(db, crate.id)
  const manifest = folder === null ? null : await readManifest(disk, folder.path)
  const synced = new Set(manifest?.files.map(({ trackId }) => trackId))
  const isThere =
    folder !== null &&
    (await disk.stat(folder.path).then(
      (stat) => stat.isDirectory(),
      () => false,
    ))
  return {
    id: crate.id,
    name: crate.name,
    items: crate.items.map((item) => viewItem(db, item, facts, synced)),
    folder: folder === null ? null : { id: folderIds.remember(folder.path).id, path: folder.path, isThere },
    fileNameTemplate: findTemplate(db, crate.id),
    lastSyncedAt: folder?.lastSyncedAt == null ? null : new Date(folder.lastSyncedAt).toISOString(),
    hasPendingEdits: crate.pending !== null,
  }
}

function viewItem(db: DatabaseSync, content: ContentRef, facts: Facts, synced: ReadonlySet<string>): Item {
  const { owned } = facts
  const item = owned.item(content)
  const known = item === undefined ? findItemFacts(db, content) : null
  const track = item?.track ?? owned.tracksOf(content)[0]?.track ?? known?.track ?? null
  const isPack = content.contentType === 'album'
  return {
    ...content,
    title: item?.title ?? known?.title ?? track?.title ?? '',
    artist: item?.pack?.dj.name ?? known?.artist ?? track?.artist ?? '',
    bpm: isPack ? null : (track?.bpm ?? null),
    key: isPack ? null : (track?.key ?? null),
    durationSeconds: isPack ? (item?.pack?.durationSeconds ?? null) : (track?.durationSeconds ?? null),
    cover: item?.pack?.cover ?? track?.cover ?? null,
    state: stateOf(content, facts, synced),
  }
}

function stateOf(content: ContentRef, { owned, files, moving }: Facts, synced: ReadonlySet<string>): Item['state'] {
  const tracks = owned.tracksOf(content)
  if (tracks.length === 0) return 'not-owned'
  if (tracks.every(({ trackId }) => synced.has(trackId))) return 'synced'
  if (tracks.every(({ trackId }) => files.has(trackId))) return 'here'
  return tracks.some(({ source }) => moving.has(keyOf(source))) ? 'downloading' : 'cloud'
}

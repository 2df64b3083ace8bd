import type { DatabaseSync } from 'node:sqlite'
import type { Handlers } from '../../../contract/call.ts'
import { DownloadStatus } from '../../../contract/delivery.ts'
import { entitlements, type Owned } from '../../../contract/entitlements.ts'
import { AppError } from '../../../contract/errors.ts'
import type { library } from '../../../contract/library.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { CoreNeeds } from '../needs.ts'
import type { Media } from '../ports.ts'
import { type Disk, onDisk, realDisk, removeFile } from './disk.ts'
import { findMoved } from './find-moved.ts'
import { selectItems, toLibraryItems } from './library-items.ts'
import { readLibraryLog } from './library-log.ts'
import { examine, type FileState, glance, placeOf } from './local-state.ts'
import { openTrackFile } from './open-track.ts'
import { readTags } from './read-tags.ts'
import {
  findLocalFile,
  type LocalFile,
  listLocalFiles,
  listOwnedRows,
  ownedRefreshedAt,
  removeLocalFile,
  saveLocalFile,
  saveOwned,
} from './rows.ts'

/** After this the list of what is owned is shown as possibly out of date. */
const FRESH_MS = 10 * 60_000
const OWNED_PAGE = 200
/** Files looked at, or read, at the same time. */
const AT_ONCE = 8

export interface Library {
  readonly handlers: Handlers<typeof library, 'desktop', undefined>
  /** Asks the server what the account owns. Throws `not-signed-in`, `offline`. */
  refresh(): Promise<void>
  openTrack(trackId: string, range: string | undefined): Promise<Media>
  /** Returns when nothing of it is under way any more. */
  close(): Promise<void>
}

/** What the account owns, and what of it is on this computer. */
export function createLibrary(needs: CoreNeeds, disk: Disk = realDisk): Library {
  let refreshing: Promise<void> | null = null
  let examining: Promise<void> | null = null

  function refresh(): Promise<void> {
    refreshing ??= fetchOwned(needs)
      .then(() => findAgain(needs, disk))
      .finally(() => {
        refreshing = null
      })
    return refreshing
  }

  /** Files that other software changed since they were read last are read again, one after the other. */
  function examineInBackground(db: DatabaseSync, changed: readonly LocalFile[]): void {
    if (examining !== null || changed.length === 0) return
    examining = (async () => {
      for (const file of changed) if (db.isOpen) await verifyFile(needs, disk, db, file)
      if (db.isOpen) needs.emit({ type: 'library.changed' })
    })()
      .catch((error: unknown) => needs.log.warn({ error }, 'a changed file could not be examined'))
      .finally(() => {
        examining = null
      })
  }

  async function settled(): Promise<void> {
    await refreshing?.catch(() => {})
    await examining
  }

  function refreshInBackground(): void {
    refresh().catch((error: unknown) => needs.log.info({ error }, 'the list of what is owned could not be refreshed'))
  }

  const stopFollowing = needs.onAccountChange(async (account) => {
    if (account !== null) refreshInBackground()
    else await settled()
  })
  const stopListening = needs.network.onChange((isOnline) => {
    if (isOnline && needs.accountOrNull() !== null) refreshInBackground()
  })

  return {
    refresh,
    async close() {
      stopFollowing()
      stopListening()
      await settled()
    },
    async openTrack(trackId, range) {
      const file = findLocalFile(needs.account().db, trackId)
      if (file === null) throw new AppError('not-on-this-disk')
      return await openTrackFile(disk, file, range)
    },
    handlers: {
      async list(_, { query, state, sort }) {
        const { db } = needs.account()
        // The first look on this computer waits for the server; later ones show what is known.
        if (ownedRefreshedAt(db) === null && needs.network.isOnline()) await refresh().catch(() => {})
        const refreshedAt = ownedRefreshedAt(db)
        const there = await lookAtFiles(disk, listLocalFiles(db))
        examineInBackground(
          db,
          [...there.values()].filter(({ isChanged }) => isChanged).map(({ file }) => file),
        )
        const downloads = downloadStatuses(db)
        const items = toLibraryItems(listOwnedRows(db), (trackId, source) => ({
          file: there.get(trackId)?.file ?? null,
          isThere: there.get(trackId)?.isThere ?? false,
          download:
            downloads.get(keyOf(source)) ?? downloads.get(keyOf({ contentType: 'track', contentId: trackId })) ?? null,
        }))
        return {
          items: selectItems(items, { query, state, sort }),
          isStale: refreshedAt === null || needs.clock.now() - refreshedAt > FRESH_MS || !needs.network.isOnline(),
          refreshedAt: refreshedAt === null ? null : new Date(refreshedAt).toISOString(),
        }
      },
      async refresh() {
        await refresh()
        return { done: true }
      },
      async removeLocal(_, { trackId }) {
        const { db } = needs.account()
        const file = findLocalFile(db, trackId)
        if (file === null) throw new AppError('not-found')
        if ((await glance(disk, file)) !== null) await removeOrFail(disk, file)
        removeLocalFile(db, trackId)
        needs.emit({ type: 'library.changed' })
        return { done: true }
      },
      async verify(_, { trackIds }) {
        const { db } = needs.account()
        const wanted = new Set(trackIds)
        const files = listLocalFiles(db).filter(({ trackId }) => trackIds === undefined || wanted.has(trackId))
        const states = await eachAtOnce(files, (file) => verifyFile(needs, disk, db, file))
        needs.emit({ type: 'library.changed' })
        const count = (state: FileState) => states.filter((one) => one === state).length
        return {
          checked: states.length,
          here: count('here'),
          retagged: count('retagged'),
          damaged: count('damaged'),
          missing: count('missing'),
        }
      },
      async showInFolder(_, { trackId }) {
        const file = findLocalFile(needs.account().db, trackId)
        if (file === null || (await glance(disk, file)) === null) throw new AppError('not-on-this-disk')
        return { path: placeOf(file), wasShown: await needs.shell.showInFolder(placeOf(file)) }
      },
    },
  }
}

async function fetchOwned({ serverCall, account, clock, emit }: CoreNeeds): Promise<void> {
  const { db, accountId } = account()
  const owned: Owned[] = []
  let cursor: string | null = null
  do {
    const input: { limit: number; cursor?: string } = { limit: OWNED_PAGE, ...(cursor === null ? {} : { cursor }) }
    const page = await serverCall(entitlements.listOwned, input)
    owned.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  // The account may have changed while the server was asked.
  if (account().accountId !== accountId || !db.isOpen) return
  saveOwned(db, owned, clock.now())
  emit({ type: 'library.changed' })
}

/** Takes up owned tracks whose files lie in the library folder but are not known: after the local database was lost, or on a new installation. */
async function findAgain(needs: CoreNeeds, disk: Disk): Promise<void> {
  const account = needs.accountOrNull()
  if (account === null) return
  const { db } = account
  const known = new Set(listLocalFiles(db).map(({ trackId }) => trackId))
  const trackIds = listOwnedRows(db).flatMap(({ contentId, pack }) => [
    contentId,
    ...(pack?.tracks ?? []).map(({ id }) => id),
  ])
  const unknown = new Set(trackIds.filter((trackId) => !known.has(trackId)))
  if (unknown.size === 0) return
  const found = await readLibraryLog(disk, needs.libraryFolder(), unknown, needs.clock.now())
  for (const { file, isUnchanged } of found) {
    const state = isUnchanged ? 'here' : await examine(disk, file)
    if (state === 'here' || state === 'retagged') await remember(disk, db, { ...file, state })
  }
  if (found.length > 0) needs.emit({ type: 'library.changed' })
}

async function verifyFile(needs: CoreNeeds, disk: Disk, db: DatabaseSync, file: LocalFile): Promise<FileState> {
  const state = await examine(disk, file)
  if (state !== 'missing') {
    await remember(disk, db, { ...file, state })
    return state
  }
  const claimed = new Set(listLocalFiles(db).map(placeOf))
  const folders = [...new Set([file.folder, needs.libraryFolder()])]
  const found = await findMoved(disk, file, folders, (place) => claimed.has(place))
  if (found === null) return 'missing'
  const moved = { ...file, ...found }
  const movedState = await examine(disk, moved)
  if (movedState === 'missing') return 'missing'
  await remember(disk, db, { ...moved, state: movedState })
  return movedState
}

async function remember(disk: Disk, db: DatabaseSync, file: LocalFile): Promise<void> {
  const seen = await glance(disk, file)
  const tags = file.state === 'damaged' ? file.tags : ((await readTags(placeOf(file))) ?? file.tags)
  if (seen !== null && db.isOpen) saveLocalFile(db, { ...file, ...seen, tags })
}

async function removeOrFail(disk: Disk, file: LocalFile): Promise<void> {
  try {
    await onDisk(() => removeFile(disk, placeOf(file)))
  } catch (error) {
    throw new AppError('disk-error', 'The file could not be deleted', undefined, { cause: error })
  }
}

async function lookAtFiles(disk: Disk, files: readonly LocalFile[]) {
  const seen = await eachAtOnce(files, async (file) => {
    const now = await glance(disk, file)
    const isChanged = now !== null && (now.changedMs !== file.changedMs || now.sizeBytes !== file.sizeBytes)
    return { file, isThere: now !== null, isChanged }
  })
  return new Map(seen.map((entry) => [entry.file.trackId, entry]))
}

/** Where each download stands, as its queue keeps it in the same database. */
function downloadStatuses(db: DatabaseSync): Map<string, DownloadStatus> {
  const rows = db.prepare('select content_type, content_id, status from downloads').all()
  return new Map(
    rows.map((row) => [`${row['content_type']}/${row['content_id']}`, DownloadStatus.parse(row['status'])]),
  )
}

function keyOf({ contentType, contentId }: ContentRef): string {
  return `${contentType}/${contentId}`
}

async function eachAtOnce<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let first = 0; first < items.length; first += AT_ONCE)
    results.push(...(await Promise.all(items.slice(first, first + AT_ONCE).map(work))))
  return results
}

import type { DatabaseSync } from 'node:sqlite'
import type { Handlers } from '../../../contract/call.ts'
import { AppError } from '../../../contract/errors.ts'
import type { library } from '../../../contract/library.ts'
import type { ContentRef } from '../../../contract/values.ts'
import type { CoreNeeds } from '../needs.ts'
import type { Media } from '../ports.ts'
import { type Disk, lookAt, realDisk, removeFile, syncFolder } from './disk.ts'
import { lookAtFiles, verifyFiles } from './examine-files.ts'
import { selectItems, toLibraryItems } from './library-items.ts'
import { type FileState, glance, placeOf } from './local-state.ts'
import { openTrackFile } from './open-track.ts'
import { fetchOwned, findAgain } from './refresh-owned.ts'
import { noticeOfKept, removeReplaced } from './remove-replaced.ts'
import {
  downloadStatuses,
  findLocalFile,
  type LocalFile,
  listLocalFiles,
  listOwnedRows,
  ownedRefreshedAt,
  removeLocalFile,
} from './rows.ts'
import { type WantedAgain, wantedAgain } from './wanted-again.ts'

/** After this the list of what is owned is shown as possibly out of date. */
const FRESH_MS = 10 * 60_000

export interface Library {
  readonly handlers: Handlers<typeof library, 'desktop', undefined>
  /** Asks the server what the account owns. Throws `not-signed-in`, `offline`. */
  refresh(): Promise<void>
  openTrack(trackId: string, range: string | undefined): Promise<Media>
  /** Returns when nothing of it is under way any more. */
  close(): Promise<void>
}

export interface LibraryOptions {
  /** Queues what a repair misses and answers the download's id. */
  readonly download?: (wanted: WantedAgain) => Promise<string>
  /** Finds the library's drive, also where it is mounted elsewhere than before: everything follows it. Throws `drive-missing`. */
  readonly findDrive?: () => Promise<void>
}

/** Between two tellings that a long verification has found something. */
const TELL_MS = 2_000

/** What the account owns, and what of it is on this computer. */
export function createLibrary(needs: CoreNeeds, disk: Disk = realDisk, options: LibraryOptions = {}): Library {
  const { download, findDrive = async () => {} } = options
  const verifying = new Set<Promise<unknown>>()
  let ending = new AbortController()
  let refreshing: Promise<void> | null = null
  let examining: Promise<void> | null = null
  let removing: Promise<void> | null = null

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
      for (const file of changed) if (db.isOpen) await verifyFiles(disk, db, [file], needs.libraryFolder())
      if (db.isOpen) needs.emit({ type: 'library.changed' })
    })()
      .catch((error: unknown) => needs.log.warn({ error }, 'a changed file could not be examined'))
      .finally(() => {
        examining = null
      })
  }

  /** Files that have successors and could not be removed when these came: one is played no more, or its drive is back. */
  function removeLeftOver(db: DatabaseSync): Promise<void> {
    removing ??= removeReplaced(db, disk)
      .then((kept) => noticeOfKept(needs.notices, kept))
      .catch((error: unknown) => needs.log.warn({ error }, 'a replaced file could not be removed'))
      .finally(() => {
        removing = null
      })
    return removing
  }

  async function settled(): Promise<void> {
    ending.abort(new AppError('not-signed-in'))
    ending = new AbortController()
    await Promise.allSettled(verifying)
    await refreshing?.catch(() => {})
    await examining
    await removing
  }

  /** What the directories show; a drive that was mounted elsewhere meanwhile is found first. Throws `drive-missing` unless it `mayBeAway`. */
  async function lookForFiles(list: () => LocalFile[], { mayBeAway }: { mayBeAway: boolean }) {
    const { db } = needs.account()
    const seen = await lookAtFiles(disk, list())
    if ([...seen.values()].every(({ isThere }) => isThere)) return seen
    const before = needs.libraryFolder()
    await findDrive().catch((error: unknown) => {
      if (!mayBeAway) throw error
    })
    return needs.libraryFolder() === before || !db.isOpen ? seen : await lookAtFiles(disk, list())
  }

  /** Whether a file is its track's: it may have been removed, or have a successor, since it was looked at. */
  function isStillIts(file: LocalFile): boolean {
    const latest = findLocalFile(needs.account().db, file.trackId)
    return latest !== null && placeOf(latest) === placeOf(file) && latest.sha256 === file.sha256
  }

  /** Reads files again; ends with `not-signed-in` when the account does. */
  async function verify(trackIds: readonly string[] | undefined): Promise<Verified> {
    const { db } = needs.account()
    const { signal } = ending
    const wanted = new Set(trackIds)
    const isAsked = ({ trackId }: LocalFile) => trackIds === undefined || wanted.has(trackId)
    const seen = await lookForFiles(() => listLocalFiles(db).filter(isAsked), { mayBeAway: false })
    signal.throwIfAborted()
    const files = [...seen.values()].map(({ file }) => file)
    let toldAt = needs.clock.monotonic()
    const onRead = () => {
      if (needs.clock.monotonic() - toldAt < TELL_MS) return
      toldAt = needs.clock.monotonic()
      needs.emit({ type: 'library.changed' })
    }
    const work = verifyFiles(disk, db, files, needs.libraryFolder(), { signal, onRead })
    verifying.add(work)
    const states = await work.finally(() => verifying.delete(work))
    signal.throwIfAborted()
    needs.emit({ type: 'library.changed' })
    const withState = (state: FileState) => files.filter((_, index) => states[index] === state)
    return { checked: files.length, withState }
  }

  function refreshInBackground(): void {
    refresh().catch((error: unknown) => needs.log.info({ error }, 'the list of what is owned could not be refreshed'))
  }

  const stopFollowing = needs.onAccountChange(async (account) => {
    if (account === null) return await settled()
    refreshInBackground()
    await removeLeftOver(account.db)
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
        const there = await lookForFiles(() => listLocalFiles(db), { mayBeAway: true })
        examineInBackground(
          db,
          [...there.values()].filter(({ isChanged }) => isChanged).map(({ file }) => file),
        )
        void removeLeftOver(db)
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
        const known = findLocalFile(db, trackId)
        if (known === null) throw new AppError('not-found')
        if ((await glance(disk, known)) === null) await findDrive()
        const file = (db.isOpen && findLocalFile(db, trackId)) || known
        await removeOrFail(disk, file)
        const latest = db.isOpen ? findLocalFile(db, trackId) : null
        // The track may have come in another format meanwhile.
        if (latest !== null && placeOf(latest) === placeOf(file)) removeLocalFile(db, trackId)
        needs.emit({ type: 'library.changed' })
        return { done: true }
      },
      verify: async (_, { trackIds }) => countsOf(await verify(trackIds)),
      async repair(_, { trackIds }) {
        const verified = await verify(trackIds)
        const broken = [...verified.withState('damaged'), ...verified.withState('missing')]
        // What was bought a moment ago may not be in the list yet.
        if (broken.length > 0) await refresh().catch(() => {})
        const owned = listOwnedRows(needs.account().db)
        const again = await wantedAgain(disk, owned, broken)
        const downloadIds: string[] = []
        for (const wanted of again)
          if (download !== undefined && wanted.broken.some(isStillIts)) downloadIds.push(await download(wanted))
        return { ...countsOf(verified), queued: downloadIds.length, downloadIds }
      },
      async showInFolder(_, { trackId }) {
        const file = findLocalFile(needs.account().db, trackId)
        if (file === null || (await glance(disk, file)) === null) throw new AppError('not-on-this-disk')
        return { path: placeOf(file), wasShown: await needs.shell.showInFolder(placeOf(file)) }
      },
    },
  }
}

interface Verified {
  readonly checked: number
  readonly withState: (state: FileState) => readonly LocalFile[]
}

function countsOf({ checked, withState }: Verified) {
  return {
    checked,
    here: withState('here').length,
    retagged: withState('retagged').length,
    damaged: withState('damaged').length,
    missing: withState('missing').length,
  }
}

async function removeOrFail(disk: Disk, file: LocalFile): Promise<void> {
  try {
    // What is no plain file was put there by somebody.
    if ((await lookAt(disk, placeOf(file)))?.isFile() === true) await removeFile(disk, placeOf(file))
    // It is forgotten next, and would be nobody's if it came back with its drive or after a power cut.
    await syncFolder(disk, file.folder)
  } catch (error) {
    throw new AppError('disk-error', 'The file could not be deleted', undefined, { cause: error })
  }
}

function keyOf({ contentType, contentId }: ContentRef): string {
  return `${contentType}/${contentId}`
}

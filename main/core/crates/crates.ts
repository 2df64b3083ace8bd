import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Handlers } from '../../../contract/call.ts'
import { catalogue } from '../../../contract/catalogue.ts'
import type { Crate, crates, SyncReport } from '../../../contract/crates.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { type Disk, onDisk, realDisk, removeFile } from '../library/disk.ts'
import { verifyFiles } from '../library/examine-files.ts'
import { type DamagedTwin, findLocalFile, listLocalFiles, listOwnedRows, takeSwitched } from '../library/rows.ts'
import { type WantedAgain, wantedAgain } from '../library/wanted-again.ts'
import type { AccountSpace, CoreNeeds } from '../needs.ts'
import { crateTracks, healthyFiles, indexOwned, keyOf } from './crate-tracks.ts'
import { viewCrates } from './crate-view.ts'
import { exchangeCrates } from './exchange-crates.ts'
import { readManifest } from './manifest.ts'
import { previewFileNames } from './preview-file-names.ts'
import {
  type CrateRow,
  cratesReadAt,
  findCrate,
  findFolder,
  findItemFacts,
  findTemplate,
  listCrates,
  listFolders,
  removeCrate,
  removeFolder,
  saveCrate,
  saveFolder,
  saveItemFacts,
  saveTemplate,
} from './rows.ts'
import { syncCrate } from './sync-crate.ts'

/** After this a look at the crates asks the server again. */
const FRESH_MS = 60_000

export interface CratesOptions {
  readonly disk?: Disk
  /** Queues what a sync misses. */
  readonly download: (content: ContentRef) => void
  /** Queues what brings files back that were here. */
  readonly again: (wanted: WantedAgain) => Promise<unknown>
  /** Finds the library's drive, also where it is mounted elsewhere than before. Throws `drive-missing`. */
  readonly findDrive?: () => Promise<void>
}

export interface Crates {
  readonly handlers: Handlers<typeof crates, 'desktop', undefined>
  /** A download arrived: crates that wait for it, or hold the track in another format, are synced again. */
  arrived(): void
  /** The folders of crates that wait for downloads, with everything that belongs into them: packs and, by themselves, their tracks. */
  waitingFolders(): WaitingFolder[]
  close(): Promise<void>
}

export interface WaitingFolder {
  /** Absolute. */
  readonly folder: string
  readonly items: readonly ContentRef[]
}

/** The crates of the account in use: usable with no network, told to the server when there is one, and written to folders. */
export function createCrates(needs: CoreNeeds, options: CratesOptions): Crates {
  const { disk = realDisk, download, again, findDrive = async () => {} } = options
  const { clock, random, log } = needs
  const background = new Set<Promise<unknown>>()
  let exchanging: Promise<void> | null = null
  let syncing: Promise<unknown> = Promise.resolve()

  const stopFollowing = needs.onAccountChange(async (account) => {
    if (account === null) await settled()
    else exchangeSoon()
  })
  const stopListening = needs.network.onChange((isOnline) => {
    if (isOnline && needs.accountOrNull() !== null) exchangeSoon()
  })

  async function settled(): Promise<void> {
    while (background.size > 0) await Promise.allSettled(background)
  }

  function inBackground(work: Promise<unknown>, message: string): void {
    const tracked = work
      .catch((error: unknown) => log.warn({ error }, message))
      .finally(() => background.delete(tracked))
    background.add(tracked)
  }

  function exchange(): Promise<void> {
    const { db } = needs.account()
    exchanging ??= exchangeCrates({ ...needs, db })
      .then(() => needs.emit({ type: 'crates.changed' }))
      .finally(() => {
        exchanging = null
      })
    return exchanging
  }

  /** An edit during an exchange is told by one more. */
  function exchangeSoon(): void {
    const running = exchanging
    const next = running === null ? exchange() : running.catch(() => {}).then(exchange)
    inBackground(next, 'the crates could not be exchanged with the server')
  }

  function required(crateId: string): CrateRow {
    const crate = findCrate(needs.account().db, crateId)
    if (crate === null || crate.pending === 'delete') throw new AppError('not-found')
    return crate
  }

  async function view(crateId: string): Promise<Crate> {
    const { db } = needs.account()
    const [crate] = await viewCrates({ ...needs, db, disk }, [required(crateId)])
    if (crate === undefined) throw new AppError('not-found')
    return crate
  }

  function edit(crate: CrateRow): Promise<Crate> {
    saveCrate(needs.account().db, { ...crate, pending: 'save', edits: crate.edits + 1 })
    needs.emit({ type: 'crates.changed' })
    exchangeSoon()
    return view(crate.id)
  }

  function templateOf(crateId: string): string {
    return findTemplate(needs.account().db, crateId) ?? needs.settings.get().fileNameTemplate
  }

  function assertNameIsFree(name: string, exceptId: string | null): void {
    const isTaken = listCrates(needs.account().db).some(
      (crate) => crate.id !== exceptId && crate.name.toLowerCase() === name.toLowerCase(),
    )
    if (isTaken) throw new AppError('crate-exists')
  }

  /** Syncs follow one another: two in one folder would each see half of the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = syncing.then(work, work)
    syncing = turn.catch(() => {})
    return turn
  }

  /** Healthy files of the library; where one is not at its place the drive is looked for first. Throws `drive-missing`. */
  async function filesOf(db: DatabaseSync) {
    const files = await healthyFiles(db, disk)
    if (listLocalFiles(db).every(({ trackId, state }) => state === 'damaged' || files.has(trackId))) return files
    await findDrive()
    return await healthyFiles(db, disk)
  }

  async function run(
    crateId: string,
    isDry: boolean,
    twins: ReadonlyMap<string, DamagedTwin | null> = new Map(),
  ): Promise<SyncReport> {
    const account = needs.account()
    const { db } = account
    const crate = required(crateId)
    const folder = findFolder(db, crateId)
    if (folder === null) throw new AppError('folder-missing', 'Choose a folder for the crate first')
    const files = await filesOf(db)
    const owned = indexOwned(db)
    const tracks = crateTracks(crate.items, owned, files, templateOf(crateId))
    const job = { crateId, name: crate.name, folder: folder.path, tracks, libraryHas: new Set(files.keys()), twins }
    const { waiting, damaged, ...report } = await syncCrate({ disk, random }, job, isDry)
    if (isDry || !db.isOpen) return report
    // They are read once more, so that the library knows it too, and what it fetches takes their place.
    const broken = damaged.flatMap((trackId) => findLocalFile(db, trackId) ?? [])
    if (broken.length > 0) await verifyFiles(disk, db, broken, needs.libraryFolder())
    if (!db.isOpen) return report
    // Another folder may have been chosen meanwhile, or none.
    if (findFolder(db, crateId)?.path !== folder.path) return report
    saveFolder(db, { ...folder, lastSyncedAt: clock.now(), isWaiting: waiting.length > 0 })
    await fetchWaiting(db, crate, waiting)
    needs.emit({ type: 'crates.changed' })
    return report
  }

  /** What was here comes again in the format that it had. */
  async function fetchWaiting(db: DatabaseSync, crate: CrateRow, waiting: readonly string[]): Promise<void> {
    const lost = waiting.flatMap((trackId) => findLocalFile(db, trackId) ?? [])
    const wereHere = new Set(lost.map(({ trackId }) => trackId))
    const neverHere = waiting.filter((trackId) => !wereHere.has(trackId))
    for (const source of sourcesOf(crate, indexOwned(db), neverHere)) download(source)
    for (const wanted of await wantedAgain(disk, listOwnedRows(db), lost))
      inBackground(again(wanted), 'a track of a crate could not be queued')
  }

  function arrived(): void {
    const account = needs.accountOrNull()
    if (account === null) return
    const { db } = account
    const switched = takeSwitched(db)
    const owned = switched.size === 0 ? null : indexOwned(db)
    const holdsSwitched = (crateId: string) =>
      owned !== null &&
      (findCrate(db, crateId)?.items ?? []).some((item) =>
        owned.tracksOf(item).some(({ trackId }) => switched.has(trackId)),
      )
    for (const { crateId, isWaiting, lastSyncedAt } of listFolders(db))
      if (isWaiting || (lastSyncedAt !== null && holdsSwitched(crateId)))
        inBackground(
          inTurn(() => run(crateId, false, switched)),
          'a crate could not be synced after a download',
        )
  }

  function waitingFolders(): WaitingFolder[] {
    const account = needs.accountOrNull()
    const waiting = account === null ? [] : listFolders(account.db).filter(({ isWaiting }) => isWaiting)
    if (account === null || waiting.length === 0) return []
    const owned = indexOwned(account.db)
    return waiting.map(({ crateId, path: folder }) => {
      const items = findCrate(account.db, crateId)?.items ?? []
      const tracks = items.flatMap((item) => owned.tracksOf(item))
      return {
        folder,
        items: [...items, ...tracks.map(({ trackId }) => ({ contentType: 'track' as const, contentId: trackId }))],
      }
    })
  }

  return {
    arrived,
    waitingFolders,
    async close() {
      stopFollowing()
      stopListening()
      await settled()
    },
    handlers: {
      async list() {
        const { db } = needs.account()
        const readAt = cratesReadAt(db)
        // The first look on this computer waits for the server; later ones show what is known and hear of changes.
        if (readAt === null && needs.network.isOnline()) await exchange().catch(() => {})
        else if (readAt === null || clock.now() - readAt > FRESH_MS) exchangeSoon()
        return { crates: await viewCrates({ ...needs, db, disk }, listCrates(db)) }
      },
      async create(_, { name }) {
        assertNameIsFree(name, null)
        const sortOrder = listCrates(needs.account().db).length
        return await edit({ id: random.uuid(), name, items: [], sortOrder, revision: 0, pending: 'save', edits: 0 })
      },
      async rename(_, { crateId, name }) {
        const crate = required(crateId)
        assertNameIsFree(name, crateId)
        return await edit({ ...crate, name })
      },
      async remove(_, { crateId }) {
        const { db } = needs.account()
        const crate = required(crateId)
        // One that is being sent this moment may be known to the server before the answer is here.
        if (crate.revision === 0 && exchanging === null) removeCrate(db, crateId)
        else saveCrate(db, { ...crate, pending: 'delete', edits: crate.edits + 1 })
        removeFolder(db, crateId)
        needs.emit({ type: 'crates.changed' })
        exchangeSoon()
        return { done: true }
      },
      async setItems(_, { crateId, items }) {
        const crate = required(crateId)
        const unique = [...new Map(items.map((item) => [keyOf(item), item])).values()]
        const account = needs.account()
        inBackground(learnNames(needs, account, unique), 'the names of what is in a crate could not be read')
        return await edit({ ...crate, items: unique })
      },
      async setFolder(_, { crateId, folderId }) {
        const { db } = needs.account()
        required(crateId)
        if (folderId === null) removeFolder(db, crateId)
        else {
          const folder = needs.folderIds.pathOf(folderId)
          await assertUsable(disk, folder, random.bytes(8).toString('hex'))
          await assertNotTaken(needs, disk, folder, crateId)
          // It may have been deleted meanwhile.
          required(crateId)
          needs.folderIds.remember(folder)
          saveFolder(db, { crateId, path: folder, lastSyncedAt: null, isWaiting: false })
        }
        needs.emit({ type: 'crates.changed' })
        return await view(crateId)
      },
      async setFileNames(_, { crateId, template }) {
        required(crateId)
        saveTemplate(needs.account().db, crateId, template)
        needs.emit({ type: 'crates.changed' })
        return await view(crateId)
      },
      async previewFileNames(_, { crateId, template }) {
        const db = needs.accountOrNull()?.db ?? null
        return previewFileNames(db, crateId === undefined ? null : required(crateId).items, template)
      },
      plan: (_, { crateId }) => inTurn(() => run(crateId, true)),
      sync: (_, { crateId }) => inTurn(() => run(crateId, false)),
    },
  }
}

/** What has to be downloaded for the tracks that wait, each source once. */
function sourcesOf(crate: CrateRow, owned: ReturnType<typeof indexOwned>, waiting: readonly string[]): ContentRef[] {
  const tracks = crate.items.flatMap((item) => owned.tracksOf(item)).filter(({ trackId }) => waiting.includes(trackId))
  return [...new Map(tracks.map(({ source }) => [keyOf(source), source])).values()]
}

async function assertUsable(disk: Disk, folder: string, mark: string): Promise<void> {
  await onDisk(async () => {
    if (!(await disk.stat(folder)).isDirectory()) throw new AppError('folder-missing')
    const probe = path.join(folder, `.mixmint-${mark}.tmp`)
    await (await disk.open(probe, 'wx')).close()
    await removeFile(disk, probe)
  })
}

/** Two crates in one folder would take each other's files for foreign ones. */
async function assertNotTaken(needs: CoreNeeds, disk: Disk, folder: string, crateId: string): Promise<void> {
  const { db } = needs.account()
  const manifest = await readManifest(disk, folder)
  const isOther = (id: string) => id !== crateId && findCrate(db, id) !== null
  const linked = listFolders(db).some(
    (link) => link.crateId !== crateId && path.resolve(link.path) === path.resolve(folder),
  )
  if (linked || (manifest !== null && isOther(manifest.crateId)))
    throw new AppError('folder-not-writable', 'Another crate is written to this folder')
}

/** Asks the store once for the words of what the account does not own. */
async function learnNames(
  { serverCall, emit }: CoreNeeds,
  { db }: AccountSpace,
  items: readonly ContentRef[],
): Promise<void> {
  const owned = indexOwned(db)
  const unknown = items.filter((item) => owned.tracksOf(item).length === 0 && findItemFacts(db, item) === null)
  for (const item of unknown) {
    if (item.contentType === 'track') {
      const track = await serverCall(catalogue.getTrack, { trackId: item.contentId })
      if (db.isOpen) saveItemFacts(db, item, { title: track.title, artist: track.artist, track })
    } else if (item.contentType === 'album') {
      const pack = await serverCall(catalogue.getPack, { packId: item.contentId })
      if (db.isOpen) saveItemFacts(db, item, { title: pack.title, artist: pack.dj.name, track: null })
    }
  }
  if (unknown.length > 0) emit({ type: 'crates.changed' })
}

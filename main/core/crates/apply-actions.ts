import path from 'node:path'
import { type Disk, onDisk, removeFile, systemCode } from '../library/disk.ts'
import { nameKey } from '../library/file-names.ts'
import { publishFiles, type StagedFile } from '../library/publish-file.ts'
import type { Random } from '../ports.ts'
import type { FolderFile, SyncAction, WantedTrack } from './rules.ts'
import { stageFile } from './stage-file.ts'

/** Files that get their names together: so many that looks at the folder count little, so few bytes of copies that a crash leaves little to do again. */
const MOST_FILES = 256
const MOST_COPIED_BYTES = 64 * 1024 * 1024

const TEMPORARY = /^\.mixmint-[0-9a-f]{16}\.tmp$/

interface ApplyNeeds {
  readonly disk: Disk
  readonly random: Random
}

interface ApplyJob {
  readonly folder: string
  readonly tracks: readonly WantedTrack[]
  /** The files of the folder as the plan knows them. */
  readonly files: readonly FolderFile[]
}

export interface Applied {
  /** The file of each track that is in the folder now. */
  readonly names: ReadonlyMap<string, string>
  /** Files that were to go and were changed after the plan was made: they are somebody's now, and stay. */
  readonly leftAlone: number
  /** Tracks whose file in the library is not what was delivered any more, although nobody has changed it: they did not come. */
  readonly damaged: ReadonlySet<string>
}

/** A file on its way to a name of its own: from the library, or from another name in the folder. */
interface Coming extends StagedFile {
  readonly trackId: string
  readonly isTemporary: boolean
}

/**
 * Does what was planned, in its order; what comes gets its names some files at a time. When one fails, those before it are in the folder.
 * Throws what the disk does.
 */
export async function applyActions(
  { disk, random }: ApplyNeeds,
  { folder, tracks, files }: ApplyJob,
  actions: readonly SyncAction[],
): Promise<Applied> {
  const sources = new Map(tracks.map(({ trackId, source }) => [trackId, source]))
  const listed = new Map(files.map((file) => [file.name, file]))
  const names = new Map<string, string>()
  const damaged = new Set<string>()
  let leftAlone = 0
  let coming: Coming[] = []
  let copied = 0
  /** Keys of the names that are given up by those who come. */
  const leaving = new Set<string>()

  async function publish(): Promise<void> {
    const some = coming
    coming = []
    copied = 0
    leaving.clear()
    if (some.length === 0) return
    try {
      await publishFiles(disk, folder, some, {
        announce() {},
        published: ({ file, fileName }) => void names.set(file.trackId, fileName),
      })
    } catch (error) {
      for (const { staged, isTemporary } of some) if (isTemporary) await removeFile(disk, staged).catch(() => {})
      throw error
    }
  }

  async function come(file: Coming): Promise<void> {
    coming.push(file)
    if (coming.length >= MOST_FILES || copied >= MOST_COPIED_BYTES) await publish()
  }

  async function stage({ trackId, name, givenName }: SyncAction & { kind: 'add' }): Promise<void> {
    const source = sources.get(trackId)
    if (source === null || source === undefined) throw new Error('a file without a source was planned')
    const staged = path.join(folder, temporaryName(random))
    try {
      const copy = await onDisk(() => stageFile(disk, source.place, staged))
      copied += copy?.sizeBytes ?? 0
      if (copy !== null && source.isAsDelivered && copy.sha256 !== source.sha256) {
        damaged.add(trackId)
        return await onDisk(() => removeFile(disk, staged))
      }
    } catch (error) {
      await removeFile(disk, staged).catch(() => {})
      throw error
    }
    await come({ trackId, staged, isTemporary: true, name: givenName, formerName: name })
  }

  async function apply(action: SyncAction): Promise<void> {
    switch (action.kind) {
      case 'keep':
        return void names.set(action.trackId, action.name)
      case 'add':
        return await stage(action)
      case 'rename': {
        const { from, name, givenName, trackId } = action
        leaving.add(nameKey(from))
        return await come({
          ...{ trackId, staged: path.join(folder, from), isTemporary: false },
          ...{ name: givenName, formerName: name },
        })
      }
      case 'remove':
        if (await onDisk(() => wasChanged(disk, folder, listed.get(action.name)))) leftAlone += 1
        else await onDisk(() => removeFile(disk, path.join(folder, action.name)))
    }
  }

  try {
    for (const action of actions) {
      // What comes in the place of others is there before these go, and a name is free once its file has another.
      if (action.kind === 'remove' || leaving.has(nameKey(action.name))) await publish()
      await apply(action)
    }
  } finally {
    await publish()
  }
  return { names, leftAlone, damaged }
}

/** False for a file that is gone, which needs nothing more. Throws what the disk does: what can not be seen now is not somebody's. */
async function wasChanged(disk: Disk, folder: string, file: FolderFile | undefined): Promise<boolean> {
  if (file === undefined) return true
  try {
    const { mtimeMs, dev, ino } = await disk.lstat(path.join(folder, file.name))
    return mtimeMs !== file.changedMs || `${dev}/${ino}` !== file.identity
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    return false
  }
}

/** What a crash of an earlier sync left behind. */
export async function removeLeftovers(disk: Disk, folder: string): Promise<void> {
  await onDisk(async () => {
    for (const name of await disk.readdir(folder))
      if (TEMPORARY.test(name)) await removeFile(disk, path.join(folder, name))
  })
}

/** The name of a file that is not finished. */
export function temporaryName(random: Random): string {
  return `.mixmint-${random.bytes(8).toString('hex')}.tmp`
}

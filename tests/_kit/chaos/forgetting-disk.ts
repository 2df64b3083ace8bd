import { constants, type Stats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import path from 'node:path'
import type { Disk } from '../../../main/core/library/disk.ts'
import type { Dice } from './dice.ts'
import { afterPowerCut, type DiskFile, failSync, newFile, sync, truncate, writeTo } from './disk-files.ts'
import type { Life, Scheduler } from './scheduler.ts'

export type DiskOperation = keyof Disk | 'read' | 'write' | 'truncate' | 'sync' | 'fstat' | 'close'

/** What goes wrong with an operation before it is done; null: nothing. */
export type DiskTrouble = (operation: DiskOperation, place: string) => string | null

interface NameChange {
  readonly folder: string
  readonly remove: string | null
  readonly add: readonly [place: string, file: DiskFile] | null
}

/** A disk in memory that knows what of it would survive a power cut: contents of synced files, names of synced folders, and of the rest whatever dice say. */
export interface ForgettingDisk {
  /** The disk as one process sees it; each operation is a task of the scheduler. */
  diskFor(life: Life): Disk
  /** Says what fails from now on. */
  setTrouble(trouble: DiskTrouble): void
  /** Hears of each operation that is about to be done, with its number. */
  onOperation: (operation: DiskOperation, place: string, number: number) => void
  /** Makes a folder with those around it, durable at once. */
  makeFolder(place: string): void
  /** The disk as it is after the power failed. */
  afterPowerCut(roll: Dice): ForgettingDisk
  /** Shows the volume that lies under `/volumes/<name>` at a place from now on. */
  mount(name: string, place: string): void
  /** Pulls a volume out: what was open on it fails, and what was not synced is lost as in a power cut. Its files stay under `/volumes/<name>`. */
  pullOut(name: string, roll: Dice): void
  /** One byte of a file turns into another by itself, also on the platter; nothing else of it changes. */
  rot(place: string, offset: number): void
  /** Where each volume is mounted, by its name. */
  readonly mounts: ReadonlyMap<string, string>
  /** The places of all files, and what is in them. */
  files(): ReadonlyMap<string, Buffer>
  readonly freeBytes: { value: number }
  /** False: no file can have a second name here, as on exFAT. */
  canLink: boolean
  /** True: a sync answers that all is well and keeps nothing. */
  isLying: boolean
}

const BLOCK = 4096

export function createForgettingDisk(scheduler: Scheduler): ForgettingDisk {
  return diskOver(scheduler, new Map(), 1, new Map())
}

function diskOver(
  scheduler: Scheduler,
  found: ReadonlyMap<string, DiskFile>,
  firstId: number,
  mounted: ReadonlyMap<string, string>,
): ForgettingDisk {
  const mounts = new Map(mounted)
  /** How often each volume was pulled out. */
  const pulls = new Map<string, number>()
  const names = new Map(found)
  const durable = new Map(found)
  let unsyncedNames: NameChange[] = []
  let lastId = firstId
  let operations = 0
  let trouble: DiskTrouble = () => null
  const freeBytes = { value: 1e12 }
  const stamp = () => scheduler.now() + operations / 4096

  /** Where what is seen at a place really lies. */
  function locate(given: string): string {
    const place = path.resolve(given)
    for (const [name, at] of mounts) if (isWithin(at, place)) return path.join(VOLUMES, name, path.relative(at, place))
    return place
  }

  function fileAt(place: string): DiskFile {
    const file = names.get(place)
    if (file === undefined) throw failure('ENOENT', place)
    return file
  }

  function change(one: NameChange): void {
    if (one.remove !== null) names.delete(one.remove)
    if (one.add !== null) names.set(...one.add)
    unsyncedNames.push(one)
  }

  function addName(place: string, file: DiskFile): void {
    change({ folder: path.dirname(place), remove: null, add: [place, file] })
  }

  function assertFolder(place: string): void {
    const parent = names.get(path.dirname(place))
    if (parent === undefined) throw failure('ENOENT', place)
    if (!parent.isFolder) throw failure('ENOTDIR', place)
  }

  function assertRoom(bytes: number): void {
    if (bytes > freeBytes.value) throw failure('ENOSPC', '')
    freeBytes.value -= bytes
  }

  function statsOf(place: string, file: DiskFile): Stats {
    const is = (isSo: boolean) => () => isSo
    return {
      isFile: is(!file.isFolder),
      isDirectory: is(file.isFolder),
      isSymbolicLink: is(false),
      size: file.bytes.length,
      mtimeMs: file.changedAt,
      nlink: [...names.values()].filter((one) => one === file).length,
      dev: deviceOf(place),
      ino: file.id,
      mode: file.isFolder ? 0o040700 : 0o100600,
    } as unknown as Stats
  }

  function open(place: string, flags: string | number | undefined): DiskFile {
    const wants = readFlags(flags)
    const existing = names.get(place)
    if (existing !== undefined) {
      if (wants.isExclusive) throw failure('EEXIST', place)
      if (existing.isFolder && wants.canWrite) throw failure('EISDIR', place)
      if (wants.isEmptied && existing.bytes.length > 0) truncate(existing, 0)
      return existing
    }
    if (!wants.isMade) throw failure('ENOENT', place)
    assertFolder(place)
    lastId += 1
    const file = newFile(lastId, false, stamp())
    addName(place, file)
    return file
  }

  /** Syncing a folder makes its names durable, and its own name with those around it, as journalling file systems do. */
  function syncFolder(place: string): void {
    const isIn = (folder: string) => isWithin(folder, place)
    for (const { folder, remove, add } of unsyncedNames) {
      if (folder !== place && !(isIn(folder) && add?.[1].isFolder === true && isIn(add[0]))) continue
      if (remove !== null) durable.delete(remove)
      if (add !== null) durable.set(...add)
    }
    unsyncedNames = unsyncedNames.filter(
      ({ folder, add }) => folder !== place && !(isIn(folder) && add?.[1].isFolder === true && isIn(add[0])),
    )
  }

  function diskFor(life: Life): Disk {
    function operate<T>(operation: DiskOperation, given: string, work: (place: string) => T): Promise<T> {
      return scheduler.work(life, () => done(operation, locate(given), work))
    }

    function onVolume<T>(operation: DiskOperation, place: string, work: () => T): Promise<T> {
      return scheduler.work(life, () => done(operation, place, work))
    }

    function done<T>(operation: DiskOperation, place: string, work: (place: string) => T): T {
      operations += 1
      self.onOperation(operation, place, operations)
      const code = life.isOver ? 'EIO' : trouble(operation, place)
      if (code !== null) throw failure(code, place)
      return work(place)
    }

    function handleOf(place: string, file: DiskFile, flags: string | number | undefined): FileHandle {
      const isAppended = readFlags(flags).isAppended
      const volume = volumeOf(place)
      const pullsBefore = pulls.get(volume)
      let position = 0
      /** A handle stays on its volume, wherever that is mounted, and is worth nothing once that was pulled out. */
      const operate = <T>(operation: DiskOperation, on: string, work: () => T) =>
        onVolume(operation, on, () => {
          if (pulls.get(volume) !== pullsBefore) throw failure('EIO', place)
          return work()
        })
      const put = (bytes: Buffer, at: number | null) => {
        const offset = isAppended ? file.bytes.length : (at ?? position)
        assertRoom(Math.max(0, offset + bytes.length - file.bytes.length))
        writeTo(file, bytes, offset)
        file.changedAt = stamp()
        position = offset + bytes.length
        return bytes.length
      }
      const handle = {
        fd: -1,
        async read(target: Uint8Array, offset = 0, length = target.byteLength - offset, at: number | null = null) {
          return await operate('read', place, () => {
            const from = at ?? position
            const part = file.bytes.subarray(from, from + length)
            target.set(part, offset)
            position = from + part.length
            return { bytesRead: part.length, buffer: target }
          })
        },
        async write(source: Uint8Array, offset = 0, length = source.byteLength - offset, at: number | null = null) {
          // The kernel copies what it is given before it answers, not when it is called.
          return await operate('write', place, () => ({
            bytesWritten: put(Buffer.from(source.subarray(offset, offset + length)), at),
            buffer: source,
          }))
        },
        writeFile: (text: string | Uint8Array) =>
          operate('write', place, () => void put(Buffer.from(text as string), null)),
        appendFile: (text: string | Uint8Array) =>
          operate('write', place, () => void put(Buffer.from(text as string), file.bytes.length)),
        readFile: (encoding?: BufferEncoding | { encoding?: BufferEncoding }) =>
          operate('readFile', place, () => decoded(file.bytes, encoding)),
        stat: () => operate('fstat', place, () => statsOf(place, file)),
        truncate: (size = 0) =>
          operate('truncate', place, () => {
            truncate(file, size)
            file.changedAt = stamp()
          }),
        sync: () => synced(place, file, operate),
        datasync: () => synced(place, file, operate),
        close: () => operate('close', place, () => {}),
        [Symbol.asyncDispose]: () => handle.close(),
      }
      return handle as unknown as FileHandle
    }

    async function synced(
      place: string,
      file: DiskFile,
      operateOn: (operation: DiskOperation, place: string, work: () => void) => Promise<void>,
    ): Promise<void> {
      try {
        await operateOn('sync', place, () => {
          if (self.isLying) return
          if (file.isFolder) syncFolder(place)
          else sync(file)
        })
      } catch (error) {
        if (!life.isOver && !file.isFolder) failSync(file)
        throw error
      }
    }

    function mountsIn(folder: string): string[] {
      return [...mounts.values()].filter((at) => path.dirname(at) === folder).map((at) => path.basename(at))
    }

    function children(folder: string): string[] {
      return [...names.keys()]
        .filter((place) => path.dirname(place) === folder && place !== folder)
        .map((place) => path.basename(place))
    }

    const disk = {
      open: (given: string, flags?: string | number) =>
        operate('open', given, (place) => handleOf(place, open(place, flags), flags)),
      link: (from: string, to: string) =>
        operate('link', to, (target) => {
          const source = locate(from)
          const file = fileAt(source)
          if (volumeOf(source) !== volumeOf(target)) throw failure('EXDEV', to)
          if (!self.canLink) throw failure('EPERM', to)
          if (names.has(target)) throw failure('EEXIST', to)
          assertFolder(target)
          addName(target, file)
        }),
      unlink: (given: string) =>
        operate('unlink', given, (place) => {
          if (fileAt(place).isFolder) throw failure('EISDIR', place)
          change({ folder: path.dirname(place), remove: place, add: null })
        }),
      rename: (from: string, to: string) =>
        operate('rename', to, (target) => {
          const source = locate(from)
          const file = fileAt(source)
          if (volumeOf(source) !== volumeOf(target)) throw failure('EXDEV', to)
          assertFolder(target)
          change({ folder: path.dirname(target), remove: source, add: [target, file] })
        }),
      lstat: (given: string) => operate('lstat', given, (place) => statsOf(place, fileAt(place))),
      stat: (given: string) => operate('stat', given, (place) => statsOf(place, fileAt(place))),
      statfs: (given: string) =>
        operate('statfs', given, (place) => {
          fileAt(place)
          return { bavail: Math.floor(freeBytes.value / BLOCK), bsize: BLOCK }
        }),
      mkdir: (given: string, options?: { recursive?: boolean }) =>
        operate('mkdir', given, (place) => {
          if (names.has(place)) {
            if (options?.recursive) return undefined
            throw failure('EEXIST', place)
          }
          const missing: string[] = []
          for (let at = place; !names.has(at) && at !== path.dirname(at); at = path.dirname(at)) missing.unshift(at)
          if (missing.length > 1 && !options?.recursive) throw failure('ENOENT', place)
          for (const one of missing) {
            lastId += 1
            addName(one, newFile(lastId, true, stamp()))
          }
          return missing[0]
        }),
      readdir: (given: string, options?: { withFileTypes?: boolean } | string) =>
        operate('readdir', given, (folder) => {
          if (!fileAt(folder).isFolder) throw failure('ENOTDIR', folder)
          const found = [...new Set([...children(folder), ...mountsIn(folder)])]
          if (typeof options !== 'object' || !options.withFileTypes) return found
          return found.map((name) => {
            const { isFolder } = fileAt(locate(path.join(folder, name)))
            return {
              name,
              parentPath: folder,
              isFile: () => !isFolder,
              isDirectory: () => isFolder,
              isSymbolicLink: () => false,
            }
          })
        }),
      readFile: (given: string, encoding?: BufferEncoding) =>
        operate('readFile', given, (place) => decoded(fileAt(place).bytes, encoding)),
      rmdir: (given: string) =>
        operate('rmdir', given, (place) => {
          if (children(place).length > 0) throw failure('ENOTEMPTY', place)
          change({ folder: path.dirname(place), remove: place, add: null })
        }),
    }
    return disk as unknown as Disk
  }

  const self: ForgettingDisk = {
    diskFor,
    setTrouble(next) {
      trouble = next
    },
    onOperation: () => {},
    makeFolder(place) {
      for (let at = path.resolve(place); ; at = path.dirname(at)) {
        if (!names.has(at)) {
          lastId += 1
          const folder = newFile(lastId, true, stamp())
          names.set(at, folder)
          durable.set(at, folder)
        }
        if (at === path.dirname(at)) return
      }
    },
    afterPowerCut(roll) {
      const next = diskOver(scheduler, survivors(unsyncedNames, durable, roll), lastId, mounts)
      next.canLink = self.canLink
      next.freeBytes.value = freeBytes.value
      return next
    },
    mount(name, place) {
      mounts.set(name, place)
    },
    pullOut(name, roll) {
      const root = path.join(VOLUMES, name)
      const isThere = (place: string) => isWithin(root, place)
      const left = survivors(
        unsyncedNames.filter(({ folder }) => isThere(folder)),
        new Map([...durable].filter(([place]) => isThere(place))),
        roll,
      )
      for (const place of [...names.keys()].filter(isThere)) names.delete(place)
      for (const place of [...durable.keys()].filter(isThere)) durable.delete(place)
      for (const [place, file] of left) {
        names.set(place, file)
        durable.set(place, file)
      }
      unsyncedNames = unsyncedNames.filter(({ folder }) => !isThere(folder))
      mounts.delete(name)
      pulls.set(root, (pulls.get(root) ?? 0) + 1)
    },
    rot(place, offset) {
      const file = fileAt(place)
      file.bytes = rotten(file.bytes, offset)
      file.durable = rotten(file.durable, offset)
    },
    mounts,
    files: () =>
      new Map([...names].filter(([, { isFolder }]) => !isFolder).map(([place, { bytes }]) => [place, bytes])),
    freeBytes,
    canLink: true,
    isLying: false,
  }
  return self
}

function rotten(bytes: Buffer, offset: number): Buffer {
  const copy = Buffer.from(bytes)
  if (offset < copy.length) copy[offset] = (copy[offset] ?? 0) ^ 0xff
  return copy
}

/** The files that are there after a loss of power. */
function survivors(
  changes: readonly NameChange[],
  durable: ReadonlyMap<string, DiskFile>,
  roll: Dice,
): ReadonlyMap<string, DiskFile> {
  const survived = new Map(durable)
  for (const { remove, add } of survivingNames(changes, roll)) {
    if (remove !== null) survived.delete(remove)
    if (add !== null) survived.set(...add)
  }
  // Two names of one file stay two names of one file; what lies in a folder that is lost is lost with it.
  const files = new Map<DiskFile, DiskFile>()
  const left = new Map<string, DiskFile>()
  for (const [place, file] of [...survived].sort(([one], [other]) => one.length - other.length)) {
    const parent = path.dirname(place)
    if (place !== parent && volumeOf(place) !== place && left.get(parent)?.isFolder !== true) continue
    const after = files.get(file) ?? afterPowerCut(file, roll)
    files.set(file, after)
    left.set(place, after)
  }
  return left
}

function survivingNames(changes: readonly NameChange[], roll: Dice): readonly NameChange[] {
  switch (roll.below(4)) {
    case 0:
      return []
    case 1:
      return changes
    case 2:
      return changes.slice(0, roll.below(changes.length + 1))
    default:
      return changes.filter(() => roll.chance(0.6))
  }
}

interface Wants {
  readonly canWrite: boolean
  readonly isMade: boolean
  readonly isExclusive: boolean
  readonly isEmptied: boolean
  readonly isAppended: boolean
}

function readFlags(flags: string | number | undefined = 'r'): Wants {
  if (typeof flags === 'number') {
    const has = (flag: number) => (flags & flag) !== 0
    return {
      canWrite: has(constants.O_RDWR) || has(constants.O_WRONLY),
      isMade: has(constants.O_CREAT),
      isExclusive: has(constants.O_EXCL),
      isEmptied: has(constants.O_TRUNC),
      isAppended: has(constants.O_APPEND),
    }
  }
  return {
    canWrite: flags !== 'r',
    isMade: /^[wa]/.test(flags),
    isExclusive: flags.includes('x'),
    isEmptied: flags.startsWith('w'),
    isAppended: flags.startsWith('a'),
  }
}

function decoded(bytes: Buffer, encoding?: BufferEncoding | { encoding?: BufferEncoding }): Buffer | string {
  const name = typeof encoding === 'object' ? encoding.encoding : encoding
  return name === undefined ? Buffer.from(bytes) : bytes.toString(name)
}

const VOLUMES = '/volumes'

/** What lies under `/volumes/<name>` is a volume of its own; '' for that of the system. */
function volumeOf(place: string): string {
  return /^\/volumes\/[^/]+/.exec(place)?.[0] ?? ''
}

function deviceOf(place: string): number {
  return [...volumeOf(place)].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 1)
}

function isWithin(folder: string, place: string): boolean {
  return place === folder || place.startsWith(`${folder}${path.sep}`)
}

export function failure(code: string, place: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${place}`), { code })
}

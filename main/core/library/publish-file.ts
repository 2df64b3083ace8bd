import { constants } from 'node:fs'
import path from 'node:path'
import { AppError } from '../../../contract/errors.ts'
import { type Disk, onDisk, removeFile, syncFolder, systemCode } from './disk.ts'
import { freeName, nameKey } from './file-names.ts'

/** Names that may be taken between looking and linking before something must be wrong. */
const MOST_TRIES = 50
/** A virus scanner or an open program may hold a file for a moment (Windows). */
const MOST_BUSY_TRIES = 10

interface PublishRequest {
  /** A complete file, synced, on any volume that can link to or be renamed into `folder`. */
  readonly staged: string
  readonly folder: string
  readonly name: string
  /** Taken instead of `name` while it is free: the name that the same file had before. */
  readonly formerName?: string | undefined
  /** Hears of each name before it is taken, so that a crash in between can be told from a foreign file. */
  readonly announce: (name: string) => void
}

/**
 * Gives a staged file its final name and answers it; the staged name is gone afterwards. Never replaces: a taken name, in any case or
 * composition, gives a numbered one. Throws `folder-missing`, `folder-not-writable`, `disk-full`, `disk-error`.
 */
export async function publishFile(disk: Disk, request: PublishRequest): Promise<string> {
  const { staged, folder, name, formerName = name, announce } = request
  return await onDisk(async () => {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const taken = new Set((await disk.readdir(folder)).map(nameKey))
      const free = taken.has(nameKey(formerName)) ? freeName(name, taken) : formerName
      announce(free)
      if (await giveName(disk, staged, path.join(folder, free))) {
        await syncFolder(disk, folder)
        return free
      }
    }
    throw new AppError('disk-error', 'No name was free for the file')
  })
}

/** True when `target` is now the staged file; false when the name was taken meanwhile. */
async function giveName(disk: Disk, staged: string, target: string, isBeside = false): Promise<boolean> {
  try {
    await disk.link(staged, target)
  } catch (error) {
    const code = systemCode(error) ?? ''
    if (code === 'EEXIST') return false
    if (code === 'EXDEV' && !isBeside) return await giveNameFromAfar(disk, staged, target)
    if (!['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EISDIR', 'UNKNOWN'].includes(code))
      throw error
    return await renameOntoReservation(disk, staged, target)
  }
  await removeFile(disk, staged)
  return true
}

/** Two mounts may share a device and still be apart: the file is copied beside its place, under a hidden name that a next try uses again. */
async function giveNameFromAfar(disk: Disk, staged: string, target: string): Promise<boolean> {
  const beside = path.join(path.dirname(target), `.${path.basename(staged)}.copy`)
  await copyDurably(disk, staged, beside)
  const isTaken = !(await giveName(disk, beside, target, true))
  if (isTaken) await removeFile(disk, beside)
  else await removeFile(disk, staged)
  return !isTaken
}

async function copyDurably(disk: Disk, from: string, to: string): Promise<void> {
  const source = await disk.open(from, 'r')
  try {
    const copy = await disk.open(
      to,
      constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW,
      0o666,
    )
    try {
      const block = Buffer.allocUnsafe(1 << 20)
      for (;;) {
        const { bytesRead } = await source.read(block, 0, block.length)
        if (bytesRead === 0) break
        await copy.writeFile(block.subarray(0, bytesRead))
      }
      await copy.sync()
    } finally {
      await copy.close()
    }
  } finally {
    await source.close()
  }
}

/** Where files can not be linked: takes the name with an empty file of our own, then renames over it. */
async function renameOntoReservation(disk: Disk, staged: string, target: string): Promise<boolean> {
  try {
    await (await disk.open(target, 'wx')).close()
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false
    throw error
  }
  for (let tries = 1; ; tries++) {
    try {
      await disk.rename(staged, target)
      return true
    } catch (error) {
      const isBusy = ['EBUSY', 'EPERM', 'EACCES'].includes(systemCode(error) ?? '')
      if (isBusy && tries < MOST_BUSY_TRIES) continue
      await removeFile(disk, target)
      throw error
    }
  }
}

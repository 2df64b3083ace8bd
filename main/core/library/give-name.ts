import { constants } from 'node:fs'
import path from 'node:path'
import { type Disk, removeFile, systemCode } from './disk.ts'

/** A virus scanner or an open program may hold a file for a moment (Windows). */
const MOST_BUSY_TRIES = 10
/** How systems say that a file can not have a second name here. */
const NO_LINKS = ['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EISDIR', 'UNKNOWN']

/**
 * True when `target` is now the staged file, whose own name is gone; false when the name was taken meanwhile: nothing is ever replaced.
 * Throws the system's errors.
 */
export async function giveName(disk: Disk, staged: string, target: string): Promise<boolean> {
  return await linkOrMove(disk, staged, target, false)
}

async function linkOrMove(disk: Disk, staged: string, target: string, isBeside: boolean): Promise<boolean> {
  try {
    await disk.link(staged, target)
  } catch (error) {
    const code = systemCode(error) ?? ''
    if (code === 'EEXIST') return false
    if (code === 'EXDEV' && !isBeside) return await giveNameFromAfar(disk, staged, target)
    if (!NO_LINKS.includes(code)) throw error
    return await renameOntoReservation(disk, staged, target)
  }
  await removeFile(disk, staged)
  return true
}

/** Two mounts may share a device and still be apart: the file is copied beside its place, under a hidden name that a next try uses again. */
async function giveNameFromAfar(disk: Disk, staged: string, target: string): Promise<boolean> {
  const beside = path.join(path.dirname(target), `.${path.basename(staged)}.copy`)
  await copyDurably(disk, staged, beside)
  const isTaken = !(await linkOrMove(disk, beside, target, true))
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

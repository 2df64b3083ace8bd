import path from 'node:path'
import { type Disk, systemCode } from './disk.ts'

/** Where a folder lies, as the file system says now. */
export interface VolumeFacts {
  /** The folder at which its volume is mounted. */
  readonly mount: string
  /** From there to the folder; '' where they are the same. */
  readonly relative: string
  /** The volume is another one than that of the app's own data and that of the system, so it may be taken away. */
  readonly isRemovable: boolean
}

/** The facts of a folder that is there. Throws what the disk does. */
export async function volumeFacts(disk: Disk, folder: string, dataFolder: string): Promise<VolumeFacts> {
  const { dev } = await disk.stat(folder)
  const mount = await mountOf(disk, path.resolve(folder), dev)
  const isSystem = process.platform !== 'win32' && mount === path.parse(mount).root
  return {
    mount,
    relative: path.relative(mount, folder),
    isRemovable: !isSystem && dev !== (await deviceOf(disk, dataFolder)),
  }
}

/** The highest folder above on the same device. */
async function mountOf(disk: Disk, folder: string, dev: number): Promise<string> {
  for (let at = folder; ; ) {
    const parent = path.dirname(at)
    if (parent === at || (await deviceOf(disk, parent)) !== dev) return at
    at = parent
  }
}

async function deviceOf(disk: Disk, folder: string): Promise<number | null> {
  return await disk.stat(folder).then(
    ({ dev }) => dev,
    () => null,
  )
}

/** True when something is mounted at the folder: its device is not that of the folder around it. */
export async function isMountPoint(disk: Disk, folder: string): Promise<boolean> {
  const device = await deviceOf(disk, folder)
  return device !== null && device !== (await deviceOf(disk, path.dirname(folder)))
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** Where volumes may be mounted now: what lies in the folders for them, and on Windows the letters of drives. */
export async function mountsIn(disk: Disk, parents: readonly string[]): Promise<string[]> {
  if (process.platform === 'win32') return [...LETTERS].map((letter) => `${letter}:\\`)
  const found = parents.map(async (parent) => {
    const names = await disk.readdir(parent).catch(() => [])
    return names.map((name) => path.join(parent, name))
  })
  return (await Promise.all(found)).flat()
}

/** What a look at a folder found: it is there, it is not, or its volume does not answer. */
export async function lookAtFolder(disk: Disk, folder: string): Promise<'there' | 'absent' | 'no-answer'> {
  try {
    return (await disk.stat(folder)).isDirectory() ? 'there' : 'absent'
  } catch (error) {
    return GONE.has(systemCode(error) ?? '') ? 'absent' : 'no-answer'
  }
}

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

/** The name that people know a volume by: the last part of where it is mounted. */
export function volumeName(mount: string): string {
  return path.basename(mount) || mount
}

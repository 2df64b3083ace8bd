import { constants } from 'node:fs'
import { access, mkdir, readdir, realpath, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Folder } from '../../../contract/app.ts'
import { AppError } from '../../../contract/errors.ts'
import type { FolderRegistry } from './folder-registry.ts'

export interface FolderListing {
  readonly current: Folder | null
  readonly parent: Folder | null
  readonly folders: Folder[]
  readonly canCreate: boolean
}

/** Looks at folders by id: only under the home folder, the library and mounted volumes, never hidden ones, and by their real paths. */
export interface FolderBrowser {
  /** Without an id, the places to start from. Throws `folder-missing`, `not-allowed`. */
  list(folderId: string | undefined): Promise<FolderListing>
  /** Throws `folder-missing`, `not-allowed`, `folder-not-writable`. */
  create(parentId: string, name: string): Promise<Folder>
}

interface BrowserNeeds {
  readonly registry: FolderRegistry
  readonly home: string
  readonly library: () => string
  /** Folders whose members are mounted volumes. */
  readonly volumeParents: readonly string[]
}

export function createFolderBrowser({ registry, home, library, volumeParents }: BrowserNeeds): FolderBrowser {
  async function roots(): Promise<string[]> {
    const volumes = (await Promise.all(volumeParents.map(foldersIn))).flat()
    const places = await Promise.all([home, library(), ...volumes].map((place) => realpath(place).catch(() => null)))
    return [...new Set(places.filter((place) => place !== null))]
  }

  async function allowed(folderId: string): Promise<{ folder: string; places: string[] }> {
    const folder = await realpath(registry.pathOf(folderId)).catch(() => {
      throw new AppError('folder-missing')
    })
    const places = await roots()
    if (!places.some((root) => isVisibleWithin(root, folder))) throw new AppError('not-allowed')
    return { folder, places }
  }

  return {
    async list(folderId) {
      if (folderId === undefined) {
        const places = await roots()
        return { current: null, parent: null, folders: places.map(registry.describe), canCreate: false }
      }
      const { folder, places } = await allowed(folderId)
      const parent = path.dirname(folder)
      const hasParent = parent !== folder && places.some((root) => isVisibleWithin(root, parent))
      return {
        current: registry.describe(folder),
        parent: hasParent ? registry.describe(parent) : null,
        folders: (await foldersIn(folder)).map(registry.describe),
        canCreate: await isWritable(folder),
      }
    },
    async create(parentId, name) {
      const { folder } = await allowed(parentId)
      if (!isPlainName(name)) throw new AppError('not-allowed', 'This can not be the name of a folder')
      const created = path.join(folder, name)
      await mkdir(created, { mode: 0o755 }).catch((error: unknown) => {
        if (isCode(error, 'EEXIST')) return
        throw new AppError('folder-not-writable')
      })
      return registry.describe(created)
    },
  }
}

/** True for `root` itself and for what lies below it with no hidden part on the way. */
export function isVisibleWithin(root: string, folder: string): boolean {
  const relative = path.relative(root, folder)
  if (path.isAbsolute(relative)) return false
  return relative === '' || relative.split(path.sep).every((part) => !part.startsWith('.'))
}

/** A single visible name: no separators, no hidden or relative names, nothing that another system could not hold. */
export function isPlainName(name: string): boolean {
  return name.trim() === name && !name.startsWith('.') && !/[\\/:*?"<>|]|\p{Cc}/u.test(name) && !name.endsWith('.')
}

/** Visible folders inside `folder`, by name; none when it can not be read. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => path.join(folder, entry.name))
    .sort((a, b) => a.localeCompare(b))
}

/** Throws `folder-missing` or `folder-not-writable`. */
export async function assertWritableFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null)
  if (found === null || !found.isDirectory()) throw new AppError('folder-missing')
  if (!(await isWritable(folder))) throw new AppError('folder-not-writable')
}

async function isWritable(folder: string): Promise<boolean> {
  return await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  )
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

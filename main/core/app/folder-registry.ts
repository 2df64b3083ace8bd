import { createHmac } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import type { Folder } from '../../../contract/app.ts'
import { AppError } from '../../../contract/errors.ts'
import type { FolderIds } from '../needs.ts'
import type { Random, SettingsStore } from '../ports.ts'

/** Folder ids, given out for good or for this run. */
export interface FolderRegistry extends FolderIds {
  /** The id for an absolute path, forgotten at the end of this run: for folders that are only looked at. */
  describe(path: string): Folder
}

const KEY = 'folderIdKey'
const REMEMBERED = 'folders'
const Paths = z.record(z.string(), z.string())

/** An id is an HMAC of the path under a key of this installation: the same every time, and not to be guessed. */
export function createFolderRegistry(settings: SettingsStore, random: Random): FolderRegistry {
  const key = storedKey(settings, random)
  const paths = new Map(Object.entries(Paths.safeParse(settings.readValue(REMEMBERED)).data ?? {}))
  const remembered = new Map(paths)

  function describe(folder: string): Folder {
    const id = createHmac('sha256', key).update(folder).digest('base64url').slice(0, 22)
    paths.set(id, folder)
    return { id, name: path.basename(folder) || folder, path: folder }
  }

  return {
    describe,
    remember(folder) {
      const described = describe(folder)
      if (!remembered.has(described.id)) {
        remembered.set(described.id, folder)
        settings.writeValue(REMEMBERED, Object.fromEntries(remembered))
      }
      return described
    },
    pathOf(folderId) {
      const folder = paths.get(folderId)
      if (folder === undefined) throw new AppError('folder-missing')
      return folder
    },
  }
}

function storedKey(settings: SettingsStore, random: Random): string {
  const stored = settings.readValue(KEY)
  if (typeof stored === 'string' && stored.length >= 32) return stored
  const key = random.bytes(32).toString('base64url')
  settings.writeValue(KEY, key)
  return key
}

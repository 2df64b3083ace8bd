import path from 'node:path'
import { LIBRARY_FOLDER, LIBRARY_VOLUME } from '../library/volume.ts'
import type { SettingsStore } from '../ports.ts'

/** Where files of the library go: the user's choice, else the default of this installation. */
export interface LibraryFolder {
  path(): string
  choose(folder: string): void
}

export function createLibraryFolder(settings: SettingsStore, defaultFolder: string): LibraryFolder {
  return {
    path() {
      const chosen = settings.readValue(LIBRARY_FOLDER)
      return typeof chosen === 'string' && path.isAbsolute(chosen) ? chosen : defaultFolder
    },
    choose(folder) {
      settings.writeValue(LIBRARY_FOLDER, folder)
      // What was known of the volume was known of the folder that was chosen before.
      settings.writeValue(LIBRARY_VOLUME, null)
    },
  }
}

import { existsSync, mkdirSync, renameSync } from 'node:fs'
import path from 'node:path'
import Conf from 'conf'
import { Settings } from '../../contract/app.ts'
import type { SettingsStore } from '../core/ports.ts'
import { DEFAULT_SETTINGS } from './default-settings.ts'

/** What the settings need of their file: `conf` in plain Node, its subclass `electron-store` in the Electron shell. */
export interface SettingsFile {
  get(name: string): unknown
  set(name: string, value: unknown): void
  delete(name: string): void
}

/** Settings over an open settings file. Members that are not valid get their defaults, for good. `wasDamaged` says that a damaged file was put aside. */
export function settingsOver(file: SettingsFile, wasDamaged: boolean): SettingsStore {
  const listeners = new Set<() => void>()
  const hasInvalid = holdsInvalid(file.get('settings'))
  if (hasInvalid) file.set('settings', readSettings(file.get('settings')))
  // One process has the data folder, and `conf` would read the file each time it is asked.
  let current = readSettings(file.get('settings'))
  const values = new Map<string, unknown>()
  return {
    recovered: wasDamaged || hasInvalid,
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    get: () => current,
    change(patch) {
      const named = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined))
      const changed = Settings.parse({ ...current, ...named })
      file.set('settings', changed)
      current = changed
      for (const listener of [...listeners]) listener()
      return changed
    },
    readValue(name) {
      if (!values.has(name)) values.set(name, file.get(`values.${name}`))
      return values.get(name)
    },
    writeValue(name, value) {
      values.delete(name)
      if (value === null || value === undefined) file.delete(`values.${name}`)
      else file.set(`values.${name}`, value)
    },
  }
}

/** Opens `<folder>/settings.json` (0600); a damaged file is moved beside itself and the defaults take its place. */
export function openConfSettings(folder: string): SettingsStore {
  return openSettingsFile(
    folder,
    () =>
      new Conf<Record<string, unknown>>({
        cwd: folder,
        configName: 'settings',
        configFileMode: 0o600,
        clearInvalidConfig: false,
      }),
  )
}

/** Settings over what `open` opens as `<folder>/settings.json`; a damaged file is moved beside itself and opened anew. */
export function openSettingsFile(folder: string, open: () => SettingsFile): SettingsStore {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  try {
    return settingsOver(open(), false)
  } catch (error) {
    const file = path.join(folder, 'settings.json')
    if (!(error instanceof SyntaxError) || !existsSync(file)) throw error
    renameSync(file, `${file}.corrupt-${Date.now()}`)
    return settingsOver(open(), true)
  }
}

/** Each valid member of what is stored; the default for every other one. */
function readSettings(stored: unknown): Settings {
  const members = membersOf(stored)
  const valid = Object.entries(Settings.shape).flatMap(([name, shape]) => {
    const parsed = shape.safeParse(members[name])
    return parsed.success ? [[name, parsed.data] as const] : []
  })
  return { ...DEFAULT_SETTINGS, ...Object.fromEntries(valid) }
}

/** Whether something is stored that can not be used; what is absent only has never been chosen. */
function holdsInvalid(stored: unknown): boolean {
  if (stored !== undefined && !isRecord(stored)) return true
  const members = membersOf(stored)
  return Object.entries(Settings.shape).some(
    ([name, shape]) => name in members && !shape.safeParse(members[name]).success,
  )
}

function membersOf(stored: unknown): Record<string, unknown> {
  return isRecord(stored) ? stored : {}
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

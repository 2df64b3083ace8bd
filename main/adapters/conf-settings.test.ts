import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { openConfSettings } from './conf-settings.ts'
import { DEFAULT_SETTINGS } from './default-settings.ts'

const NIGHT = { days: [5, 6], from: '23:00', to: '06:30', bytesPerSecond: 0 }
let folder = ''
const file = () => path.join(folder, 'settings.json')

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-settings-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
})

describe('R-DC-26: settings', () => {
  test('start with their defaults and keep what is changed over a start', () => {
    const settings = openConfSettings(folder)
    expect(settings.get()).toEqual(DEFAULT_SETTINGS)
    expect(settings.change({ theme: 'dark', parallelDownloads: 5, volume: undefined })).toEqual({
      ...DEFAULT_SETTINGS,
      theme: 'dark',
      parallelDownloads: 5,
    })
    expect(openConfSettings(folder).get()).toMatchObject({ theme: 'dark', parallelDownloads: 5 })
  })

  test('a value outside its bounds is refused and changes nothing', () => {
    const settings = openConfSettings(folder)
    for (const patch of [
      { parallelDownloads: 7 },
      { volume: -1 },
      { connectionsPerFile: 1.5 },
      { fileNameTemplate: '' },
      { fileNameTemplate: 'Track {mood}' },
      { bandwidthLimit: -1 },
      { bandwidthLimit: 0.5 },
      { headroomPercent: 91 },
      { onMetered: 'never' as 'wait' },
      { speedSchedule: [{ ...NIGHT, days: [] }] },
      { speedSchedule: [{ ...NIGHT, days: [7] }] },
      { speedSchedule: [{ ...NIGHT, to: '24:00' }] },
      { speedSchedule: Array.from({ length: 21 }, () => NIGHT) },
    ])
      expect(() => settings.change(patch)).toThrow()
    expect(settings.get()).toEqual(DEFAULT_SETTINGS)
  })

  test.each(['', '{', 'not json', '{"settings": {"theme": "dark"', '\u0000\u0000\u0000'])(
    'a damaged file (%j) falls back to defaults, says so, and is kept',
    async (text) => {
      await writeFile(file(), text)
      const settings = openConfSettings(folder)
      expect([settings.recovered, settings.get()]).toEqual([true, DEFAULT_SETTINGS])
      const kept = (await readdir(folder)).find((name) => name.includes('.corrupt-'))
      expect(await readFile(path.join(folder, kept ?? ''), 'utf8')).toBe(text)
      settings.change({ theme: 'light' })
      expect(openConfSettings(folder)).toMatchObject({ recovered: false })
    },
  )

  test('a member that is not valid has its default; the others stay', async () => {
    await writeFile(
      file(),
      JSON.stringify({ settings: { theme: 'pink', parallelDownloads: 4, volume: '9', extra: 1 } }),
    )
    const settings = openConfSettings(folder)
    expect(settings.get()).toEqual({ ...DEFAULT_SETTINGS, parallelDownloads: 4 })
    expect(settings.recovered).toBe(true)
    // It is said once: what was set right is written down.
    expect(openConfSettings(folder)).toMatchObject({ recovered: false })
  })

  test.each([
    { bandwidthLimit: -5 },
    { bandwidthLimit: '1000' },
    { fileNameTemplate: 'all the same' },
    { speedSchedule: 'always' },
    { speedSchedule: [NIGHT, { ...NIGHT, from: '25:00' }] },
    { headroomPercent: 100 },
    { onMetered: true },
    { meteredConnection: 'maybe' },
    { keepAwake: 'yes' },
    { afterQueue: 'shutdown' },
  ])('%j falls back to its default with a notice, and nothing else changes', async (damaged) => {
    const chosen = {
      bandwidthLimit: 0,
      fileNameTemplate: '{bpm} {title}',
      speedSchedule: [NIGHT],
      headroomPercent: 20,
      onMetered: 'wait',
      meteredConnection: 'yes',
      keepAwake: false,
      afterQueue: 'sleep',
    } as const
    await writeFile(file(), JSON.stringify({ settings: { ...chosen, ...damaged } }))
    const settings = openConfSettings(folder)
    const [name = ''] = Object.keys(damaged)
    const fallback = { [name]: DEFAULT_SETTINGS[name as keyof typeof DEFAULT_SETTINGS] }
    expect(settings.get()).toEqual({ ...DEFAULT_SETTINGS, ...chosen, ...fallback })
    expect(settings.recovered).toBe(true)
  })

  test('settings of an earlier version, which lack some, are no damage', async () => {
    await writeFile(file(), JSON.stringify({ settings: { theme: 'dark' } }))
    expect(openConfSettings(folder)).toMatchObject({ recovered: false })
    expect(openConfSettings(folder).get()).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' })
  })

  test('whoever listens hears of each change until it stops', () => {
    const settings = openConfSettings(folder)
    const heard: number[] = []
    const stop = settings.onChange(() => heard.push(settings.get().headroomPercent))
    settings.change({ headroomPercent: 10, speedSchedule: [NIGHT] })
    expect(() => settings.change({ headroomPercent: 95 })).toThrow()
    stop()
    settings.change({ headroomPercent: 30 })
    expect(heard).toEqual([10])
    expect(openConfSettings(folder).get()).toMatchObject({ headroomPercent: 30, speedSchedule: [NIGHT] })
  })

  test.each(['[]', 'null', '7', '"text"', '{"settings": []}', '{"settings": null}'])(
    'JSON that is no settings (%s) gives the defaults',
    async (text) => {
      await writeFile(file(), text)
      expect(openConfSettings(folder).get()).toEqual(DEFAULT_SETTINGS)
    },
  )

  test('the file can be read by its owner alone', async () => {
    openConfSettings(folder).change({ theme: 'dark' })
    expect((await stat(file())).mode & 0o777).toBe(0o600)
  })

  test('values of the host lie beside them, and null removes one', () => {
    const settings = openConfSettings(folder)
    settings.writeValue('folders', { a: '/x' })
    expect(openConfSettings(folder).readValue('folders')).toEqual({ a: '/x' })
    settings.writeValue('folders', null)
    expect(openConfSettings(folder).readValue('folders')).toBeUndefined()
    expect(settings.get()).toEqual(DEFAULT_SETTINGS)
  })
})

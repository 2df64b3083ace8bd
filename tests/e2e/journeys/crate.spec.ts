import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { buyTrack, expect, signUp, test } from './journey.ts'

const TITLES = ['Short House', 'Schön & Kurz']

/** Every file of a folder with when it was last written, hidden ones included. */
async function writtenAt(folder: string): Promise<Record<string, number>> {
  const names = await readdir(folder)
  const facts = await Promise.all(
    names.map(async (name) => [name, (await stat(path.join(folder, name))).mtimeMs] as const),
  )
  return Object.fromEntries(facts)
}

test('R-DC-20 R-DC-22: a crate is written to a folder, and a second sync writes nothing', async ({
  app,
  tab,
  person,
}) => {
  const { page, frame, library, crates } = tab
  const folder = path.join(app.home, 'USB', 'Friday')
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, 'set list.txt'), 'mine')
  await signUp(tab, person)
  for (const title of TITLES) await buyTrack(tab, title)
  await frame.goTo('Crates')
  await crates.create('Friday')
  await frame.goTo('Library')
  for (const title of TITLES) await expect(library.row(title)).toContainText('Here')
  await library.choose(TITLES[0] ?? '')
  await library.choose(TITLES[1] ?? '', 'ControlOrMeta')
  await library.selection.getByRole('button', { name: 'Put into a crate' }).click()
  await page.getByRole('menuitem', { name: 'Friday' }).click()

  await frame.goTo('Crates')
  await page.getByRole('main').getByRole('link', { name: 'Friday' }).click()
  await expect(crates.tracks).toHaveCount(2)
  await crates.chooseFolder(path.basename(app.home), 'USB', 'Friday')
  await expect(crates.syncLine).toContainText(folder)
  await expect(crates.syncLine).toContainText('+2 new')
  await crates.sync()
  await expect(crates.syncLine).toContainText('Up to date')

  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  expect(names).toEqual([
    'Friday.m3u8',
    'Priya Kapoor - Schön & Kurz.flac',
    'Priya Kapoor - Short House.mp3',
    'set list.txt',
  ])
  expect(await readFile(path.join(folder, 'set list.txt'), 'utf8')).toBe('mine')
  const playlist = await readFile(path.join(folder, 'Friday.m3u8'), 'utf8')
  for (const name of names.slice(1, 3)) expect(playlist).toContain(name)
  const canonical = await Promise.all((await app.libraryFiles()).map((file) => readFile(path.join(app.library, file))))
  for (const name of names.slice(1, 3)) {
    const copy = await readFile(path.join(folder, name))
    expect(canonical.some((bytes) => bytes.equals(copy))).toBe(true)
  }

  const before = await writtenAt(folder)
  const bytes = app.proxy.bytes()
  await crates.sync()
  await expect(frame.messages).toContainText('Nothing to do: the folder is as it should be')
  expect(await writtenAt(folder)).toEqual(before)
  expect(app.proxy.bytes()).toBe(bytes)
})

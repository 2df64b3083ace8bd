import { mkdir, readdir } from 'node:fs/promises'
import path from 'node:path'
import { buyTrack, expect, openTrack, signUp, test } from './journey.ts'

const TITLES = ['Short House', 'Short Techno'] as const
const IN_MANY = 'Schön & Kurz'

test('DL9: gig mode holds what is bought, and its end lets it come', async ({ app, tab, person }) => {
  const { frame, downloads } = tab
  const [title] = TITLES
  await signUp(tab, person)
  await frame.goTo('Settings')
  await tab.page.getByRole('combobox', { name: 'Speed limit' }).selectOption('Hold everything')
  await buyTrack(tab, title)
  await frame.goTo('Downloads')
  await expect(downloads.speed).toHaveText('Gig mode: everything is held')
  await expect(downloads.row(title)).toBeVisible()
  expect(await app.libraryFiles()).toEqual([])
  await downloads.speed.click()
  await downloads.speedChoice.getByRole('button', { name: 'End gig mode' }).click()
  await expect(downloads.speed).toHaveText('No limit')
  await expect(downloads.group('Done').getByText(title)).toBeVisible()
  expect(await app.libraryFiles()).toHaveLength(1)
})

test('everything that is owned comes back with one command and one report', async ({ app, tab, person }) => {
  const { page, frame, library, downloads } = tab
  await signUp(tab, person)
  for (const title of TITLES) await buyTrack(tab, title)
  await frame.goTo('Library')
  for (const title of TITLES) {
    await expect(library.row(title)).toContainText('Here')
    await library.removeFile(title)
    await expect(library.row(title)).toContainText('Owned')
  }
  expect(await app.libraryFiles()).toEqual([])
  await page.getByRole('button', { name: 'Download everything…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Download 2 files' }).click()
  await expect(downloads.everything).toContainText('Everything you own is here, verified')
  await expect(downloads.everything).toContainText('2 downloaded')
  expect(await app.libraryFiles()).toHaveLength(2)
})

test('DL14: a track is switched to another format; its crate keeps it and its folder gets the new file', async ({
  app,
  tab,
  person,
}) => {
  const { page, frame, library, crates } = tab
  const folder = path.join(app.home, 'USB', 'Friday')
  const inFolder = async (): Promise<string[]> => (await readdir(folder)).filter((name) => !name.startsWith('.')).sort()
  async function openFriday(): Promise<void> {
    await frame.goTo('Crates')
    await page.getByRole('main').getByRole('link', { name: 'Friday' }).click()
    await expect(crates.tracks).toHaveCount(1)
  }
  await mkdir(folder, { recursive: true })
  await signUp(tab, person)
  await buyTrack(tab, IN_MANY)
  await frame.goTo('Crates')
  await crates.create('Friday')
  await crates.chooseFolder(path.basename(app.home), 'USB', 'Friday')
  await openTrack(tab, IN_MANY)
  await page.getByRole('button', { name: 'Put into a crate' }).click()
  await page.getByRole('menuitem', { name: 'Friday' }).click()
  await frame.goTo('Library')
  await expect(library.row(IN_MANY)).toContainText('Here')
  await openFriday()
  await expect(crates.syncLine).toContainText('+1 new')
  await crates.sync()
  await expect(crates.syncLine).toContainText('Up to date')
  expect(await inFolder()).toEqual(['Friday.m3u8', `Priya Kapoor - ${IN_MANY}.flac`])

  await frame.goTo('Library')
  await library.choose(IN_MANY)
  await library
    .row(IN_MANY)
    .getByRole('button', { name: `More for ${IN_MANY}` })
    .click()
  await page.getByRole('menuitem', { name: 'Download as…' }).press('ArrowRight')
  await page.getByRole('menuitemcheckbox', { name: /^MP3, / }).click()
  await page
    .getByRole('dialog', { name: 'Replace the FLAC by MP3?' })
    .getByRole('button', { name: /^Replace, / })
    .click()
  await expect(library.inspector.getByRole('listitem').filter({ hasText: 'Here' })).toContainText('MP3')
  expect((await app.libraryFiles()).map((file) => path.extname(file))).toEqual(['.mp3'])
  await expect.poll(inFolder).toEqual(['Friday.m3u8', `Priya Kapoor - ${IN_MANY}.mp3`])
  await openFriday()
  await expect(crates.syncLine).toContainText('Up to date')
})

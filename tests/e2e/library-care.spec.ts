import { expect, test } from '@playwright/test'
import { fullState } from '../_kit/fake-host/shop-state.ts'
import { startFakeHost } from '../_kit/fake-host.ts'
import { FramePage } from './pages/frame-page.ts'
import { LibraryPage } from './pages/library-page.ts'
import { expectAccessible, watchPage } from './pages/watched-page.ts'

const state = fullState()
const inMany = state.library.filter(({ formats }) => formats.length > 1)
const here = inMany.find((item) => item.state === 'here')
const away = inMany.find((item) => item.state === 'cloud')
if (here === undefined || away === undefined) throw new Error('No track of the demo catalogue has several formats')

test('DL14: another format replaces the file, says so first, and leaves crates alone', async ({ page }) => {
  await using host = await startFakeHost()
  const { complaints } = watchPage(page)
  const frame = new FramePage(page)
  const library = new LibraryPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  await library.choose(here.title)
  const formats = library.inspector.getByRole('listitem')
  await expect(formats).toHaveCount(here.formats.length)
  await expect(formats.filter({ hasText: 'Here' })).toContainText(here.format?.toUpperCase() ?? '')
  await expectAccessible(page)
  await library.inspector.getByRole('button', { name: 'Replace by MP3' }).click()
  const question = page.getByRole('dialog', { name: 'Replace the WAV by MP3?' })
  await expect(question).toContainText('only then does it take the place of the WAV file')
  await expect(question).toContainText('Your crates keep the track')
  await question.getByRole('button', { name: 'Keep the WAV' }).click()
  expect(host.state.asked).toEqual([])
  await library.inspector.getByRole('button', { name: 'Replace by MP3' }).click()
  await question.getByRole('button', { name: /^Replace, / }).click()
  await expect
    .poll(() => host.state.asked)
    .toMatchObject([{ call: 'start', input: { contentType: 'track', contentId: here.trackId, format: 'mp3' } }])
  expect(complaints).toEqual([])
})

test('DL14: what is not here yet is downloaded in the format that is chosen, without a question', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  const library = new LibraryPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  await library
    .row(away.title)
    .getByRole('button', { name: `More for ${away.title}` })
    .click()
  await page.getByRole('menuitem', { name: 'Download as…' }).press('ArrowRight')
  await page.getByRole('menuitemcheckbox', { name: /^FLAC, / }).click()
  await expect
    .poll(() => host.state.asked)
    .toMatchObject([{ call: 'start', input: { contentId: away.trackId, format: 'flac' } }])
})

test('DL14: the page of an owned track tells which format is here and offers the others', async ({ page }) => {
  await using host = await startFakeHost()
  await page.goto(host.link)
  await page.getByRole('main').waitFor()
  await page.evaluate((hash) => {
    location.hash = hash
  }, `/track/${here.trackId}`)
  await page.getByRole('button', { name: 'Download as…' }).click()
  await expect(page.getByRole('menuitemcheckbox', { name: /^WAV, .*here/ })).toBeChecked()
  await expect(page.getByRole('menuitemcheckbox')).toHaveCount(here.formats.length)
  await page.getByRole('menuitemcheckbox', { name: /^AIFF, / }).click()
  await expect(page.getByRole('dialog', { name: 'Replace the WAV by AIFF?' })).toBeVisible()
})

test('files are verified and repaired, and a report tells what was found', async ({ page }) => {
  await using host = await startFakeHost()
  const { complaints } = watchPage(page)
  const frame = new FramePage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  await page.getByRole('button', { name: 'Verify and repair…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Verify and repair' })
  await expect(dialog).toContainText('re-tagged are healthy and stay as they are')
  await expectAccessible(page)
  const release = host.hold('library.repair')
  await dialog.getByRole('button', { name: 'Verify and repair' }).click()
  await expect(dialog.getByRole('status')).toContainText('The files are being read')
  release()
  await expect(dialog.getByRole('status')).toHaveText('12 files checked')
  await expect(dialog).toContainText('3 repairs are on the way')
  await expectAccessible(page)
  await dialog.getByRole('link', { name: 'See the downloads' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Downloads' })).toBeVisible()
  expect(complaints).toEqual([])
})

test('a check that goes on behind the screen tells its result in a message; a refusal is told in its place', async ({
  page,
}) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  const library = new LibraryPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  const release = host.hold('library.verify')
  await library.checkFiles()
  await frame.goTo('Store')
  release()
  await expect(frame.messages).toContainText('12 files checked: 1 damaged, 1 missing')
  await frame.goTo('Library')
  host.fail('library.repair', 'not-signed-in')
  await page.getByRole('button', { name: 'Verify and repair…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Verify and repair' })
  await dialog.getByRole('button', { name: 'Verify and repair' }).click()
  await expect(dialog.getByRole('alert')).toContainText('You are not signed in')
})

test('some chosen files are verified alone', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  const library = new LibraryPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  const [one, two] = host.state.library
  await library.choose(one?.title ?? '')
  await library.choose(two?.title ?? '', 'ControlOrMeta')
  await library.selection.getByRole('button', { name: 'Verify and repair…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Verify and repair' })
  await expect(dialog).toContainText('The 2 chosen files')
  await dialog.getByRole('button', { name: 'Verify and repair' }).click()
  await expect
    .poll(() => host.state.asked)
    .toEqual([{ call: 'repair', input: { trackIds: [one?.trackId, two?.trackId] } }])
})

test('one damaged file is repaired from its row and not downloaded anew; it can be undone, and a refusal is told there', async ({
  page,
}) => {
  await using host = await startFakeHost()
  const { complaints } = watchPage(page)
  const damaged = host.state.library.find((item) => item.state === 'damaged')
  const missing = host.state.library.find((item) => item.state === 'missing')
  const frame = new FramePage(page)
  const library = new LibraryPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  const row = library.row(damaged?.title ?? '')
  const repair = row.getByRole('button', { name: `Repair ${damaged?.title}` })
  host.fail('library.repair', 'not-signed-in')
  await repair.click()
  await expect(row.getByRole('alert')).toHaveText('You are not signed in')
  await expectAccessible(page)
  host.fail('library.repair', null)
  const release = host.hold('library.repair')
  await repair.click()
  await expect(row).toContainText('Reading…')
  await expect(repair).toBeDisabled()
  release()
  await expect(row).toContainText('Queued')
  await frame.messages.getByRole('button', { name: 'Undo' }).click()
  await expect(repair).toBeEnabled()
  const gone = library.row(missing?.title ?? '')
  await gone.getByRole('button', { name: `Bring back ${missing?.title}` }).click()
  await expect(frame.messages).toContainText(`${missing?.title} is healthy: the file was found`)
  await expect(gone).toContainText('Here')
  expect(host.state.asked).toEqual([
    { call: 'repair', input: { trackIds: [damaged?.trackId] } },
    { call: 'repair', input: { trackIds: [missing?.trackId] } },
  ])
  expect(complaints).toEqual([])
})

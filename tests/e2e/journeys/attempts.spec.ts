import { rm } from 'node:fs/promises'
import path from 'node:path'
import { until } from '../../_kit/until.ts'
import { askFacts, trackCalled } from './ask-server.ts'
import { buyTrack, expect, signUp, type Tab, test } from './journey.ts'

const TITLE = 'Short House'
const ATTEMPT_LIMIT = 5

async function removeAndFetchAgain({ library }: Tab): Promise<void> {
  await library.removeFile(TITLE)
  await expect(library.row(TITLE)).toContainText('Owned')
  await library.download(TITLE)
}

test('J-L6 R-DC-23 R-MM-48: a removed file stays owned and can be fetched again, as another attempt', async ({
  shop,
  app,
  tab,
  person,
}) => {
  const { frame, library } = tab
  await signUp(tab, person)
  await buyTrack(tab, TITLE)
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
  expect(await app.libraryFiles()).toHaveLength(1)
  await library.removeFile(TITLE)
  await expect(library.row(TITLE)).toContainText('Owned')
  expect(await app.libraryFiles()).toEqual([])
  await library.download(TITLE)
  await expect(library.row(TITLE)).toContainText('Here')
  expect(await app.libraryFiles()).toHaveLength(1)
  const { id } = await trackCalled(shop.address, TITLE)
  expect((await askFacts(shop.address, person, id)).attemptsUsed).toBe(2)
})

test('J-L6 R-MM-17 R-MM-48: after the last attempt the listener is told plainly, and a reset by the shop helps', async ({
  shop,
  app,
  tab,
  person,
}) => {
  const { frame, library, downloads } = tab
  await signUp(tab, person)
  await buyTrack(tab, TITLE)
  await frame.goTo('Library')
  for (let attempt = 1; attempt < ATTEMPT_LIMIT; attempt += 1) {
    await expect(library.row(TITLE)).toContainText('Here')
    await removeAndFetchAgain(tab)
  }
  await expect(library.row(TITLE)).toContainText('Here')
  await removeAndFetchAgain(tab)
  await frame.goTo('Downloads')
  const refused = downloads.group('Needs you').getByRole('listitem', { name: TITLE })
  await expect(refused).toContainText('No download attempts are left')
  await expect(refused).toContainText('Write to support')
  expect(await app.libraryFiles()).toEqual([])
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toBeVisible()

  const { id } = await trackCalled(shop.address, TITLE)
  expect(await shop.command('reset-attempts', person.email, id)).toContain(`${ATTEMPT_LIMIT} attempts`)
  await frame.goTo('Downloads')
  await refused.getByRole('button', { name: 'Try now' }).click()
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
})

test('R-DC-23: a file that was moved away is missing, and a repair brings it back', async ({ app, tab, person }) => {
  const { frame, library } = tab
  await signUp(tab, person)
  await buyTrack(tab, TITLE)
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
  const [file = ''] = await app.libraryFiles()
  await rm(path.join(app.library, file))
  await library.checkFiles()
  await expect(library.row(TITLE)).toContainText('Missing')
  await library
    .row(TITLE)
    .getByRole('button', { name: `Bring back ${TITLE}` })
    .click()
  await expect(library.row(TITLE)).toContainText('Here')
  await until('the file is back', async () => (await app.libraryFiles()).length === 1)
})

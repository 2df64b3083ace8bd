import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { until } from '../../_kit/until.ts'
import { askFacts, trackCalled } from './ask-server.ts'
import { buyTrack, expect, signUp, test } from './journey.ts'

const TITLE = 'Short Techno'
/** Of one file, as the settings begin. */
const CONNECTIONS = 4

test('J-L4 R-DC-13 R-DC-11: a download that is cut in the middle and killed goes on where it was', async ({
  shop,
  app,
  tab,
  person,
}) => {
  const { page, frame, downloads } = tab
  await signUp(tab, person)
  const track = await trackCalled(shop.address, TITLE)
  const isCut = app.proxy.cutAfter(Math.floor(track.sizeBytes / 2))
  await buyTrack(tab, TITLE)
  await isCut
  await frame.goTo('Downloads')
  await expect(downloads.row(TITLE)).toContainText('Waiting')
  await expect(downloads.row(TITLE)).toContainText('There is no connection to the store')
  await expect
    .poll(async () => Number(await downloads.progress(TITLE).getAttribute('aria-valuenow')))
    .toBeGreaterThan(0)
  await expect(frame.networkStatus()).toContainText('Offline')
  const sent = app.proxy.bytes()

  tab.mayLoseHost()
  await app.kill()
  expect(await app.libraryFiles()).toEqual([])
  app.proxy.mend()
  await app.start()
  await page.reload()
  await page.getByRole('textbox', { name: 'Paste your link' }).fill(app.link())
  await page.getByRole('button', { name: 'Open MixMint' }).click()
  await frame.goTo('Downloads')
  await expect(downloads.group('Done').getByText(TITLE)).toBeVisible()

  const [name = '', ...others] = await app.libraryFiles()
  expect(others).toEqual([])
  expect(path.basename(name)).toBe('Tomás Lind - Short Techno.wav')
  const bytes = await readFile(path.join(app.library, name))
  expect(bytes.length).toBe(track.sizeBytes)
  expect(await shop.sells(createHash('sha256').update(bytes).digest('hex'))).toBe(true)
  expect(sent).toBeGreaterThanOrEqual(track.sizeBytes / 2)

  const facts = await askFacts(shop.address, person, track.id)
  const again = app.proxy.bytes() - track.sizeBytes
  expect(again).toBeLessThanOrEqual(CONNECTIONS * facts.segmentSize)
  expect(facts.attemptsUsed).toBe(1)
})

test('J-L7 R-MM-43 R-MM-46: no download token comes to the browser or into a file', async ({ app, tab, person }) => {
  const { page, frame, downloads } = tab
  const seen: string[] = []
  page.on('request', (request) => seen.push(request.url(), request.postData() ?? ''))
  page.on(
    'response',
    (response) =>
      void response.text().then(
        (text) => seen.push(text),
        () => undefined,
      ),
  )
  await signUp(tab, person)
  await buyTrack(tab, 'Short House')
  await frame.goTo('Downloads')
  await expect(downloads.group('Done').getByText('Short House')).toBeVisible()
  const tokens = app.proxy.fileTargets.map((target) => new URL(target, app.address).searchParams.get('token') ?? '')
  expect(tokens.length).toBeGreaterThan(0)
  const kept = await page.evaluate(
    () => document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }),
  )
  for (const token of tokens) {
    expect(token.length).toBeGreaterThan(20)
    expect(seen.some((text) => text.includes(token))).toBe(false)
    expect(kept).not.toContain(token)
    expect(await app.filesWith(token)).toEqual([])
  }
})

test('R-DC-11: downloads can be paused, taken out and put back', async ({ shop, app, tab, person }) => {
  const { page, frame, downloads } = tab
  await signUp(tab, person)
  const track = await trackCalled(shop.address, TITLE)
  const isCut = app.proxy.cutAfter(Math.floor(track.sizeBytes / 4))
  await buyTrack(tab, TITLE)
  await isCut
  await frame.goTo('Downloads')
  await expect(downloads.row(TITLE)).toContainText('Waiting')
  await page.getByRole('button', { name: `Pause ${TITLE}` }).click()
  await expect(downloads.row(TITLE)).toContainText('Paused')
  app.proxy.mend()
  await page.getByRole('button', { name: `Continue ${TITLE}` }).click()
  await expect(downloads.group('Done').getByText(TITLE)).toBeVisible()
  await page.getByRole('button', { name: 'Clear the list' }).click()
  await expect(page.getByRole('heading', { name: 'Nothing is on its way' })).toBeVisible()
  await until('the file is there', async () => (await app.libraryFiles()).length === 1)
})

import { until } from '../../_kit/until.ts'
import { buyTrack, expect, openTab, signUp, test } from './journey.ts'

const TITLE = 'Short House'

test('J-L5 R-DC-23: what was downloaded is listed and plays with no network', async ({
  shop,
  app,
  tab,
  person,
  context,
}) => {
  const { frame, library } = tab
  await signUp(tab, person)
  await buyTrack(tab, TITLE)
  await until('the file is there', async () => (await app.libraryFiles()).length === 1)
  await frame.goTo('Library')
  await expect(library.row(TITLE)).toContainText('Here')
  await expect(library.row(TITLE).locator('img')).toHaveJSProperty('complete', true)
  expect(
    await library
      .row(TITLE)
      .locator('img')
      .evaluate((image: HTMLImageElement) => image.naturalWidth),
  ).toBeGreaterThan(0)
  await library.choose(TITLE)
  await expect(library.inspector).toContainText('Short House · Priya Kapoor')
  await expect(library.inspector).toContainText('Priya Kapoor - Short House.mp3')

  tab.mayLoseHost()
  await app.stop()
  await shop.stop()
  await app.start()
  const offline = await openTab(context, app.link())
  await offline.frame.goTo('Library')
  await expect(offline.frame.networkStatus()).toContainText('Offline')
  await expect(offline.library.row(TITLE)).toContainText('Here')
  await expect(offline.library.row(TITLE)).toContainText('Priya Kapoor')
  await offline.library.play(TITLE)
  const sound = offline.page.locator('audio')
  await expect.poll(() => sound.evaluate((audio: HTMLAudioElement) => audio.currentTime)).toBeGreaterThan(1)
  expect(await sound.evaluate((audio: HTMLAudioElement) => Math.round(audio.duration))).toBe(12)
  await expect(offline.frame.player).not.toContainText('Preview')

  await offline.frame.goTo('Store')
  await expect(offline.frame.content.getByRole('alert')).toContainText('There is no connection to the store')
  await shop.start()
  await offline.frame.networkStatus().click()
  await expect(offline.frame.networkStatus()).toContainText('Online')
  await expect(offline.page.getByRole('heading', { name: 'New releases' })).toBeAttached()
  expect(offline.complaints()).toEqual([])
})

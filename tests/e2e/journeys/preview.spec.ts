import { expect, openTrack, test } from './journey.ts'

test('J-L2 R-DC-03 R-MM-18: a search with a slip of the finger finds the track, and its preview plays', async ({
  tab,
}) => {
  const { page, welcome, frame, store } = tab
  await welcome.lookAround()
  await expect(page.getByRole('heading', { name: 'New releases' })).toBeAttached()
  await frame.searchFor('shrot tecno')
  await expect(store.results().first()).toContainText('Short Techno')
  await store.link('Short Techno').click()
  await expect(store.title()).toHaveText('Short Techno')
  for (const fact of ['134', '2A', '1:15', 'Techno', 'WAV']) await expect(store.content).toContainText(fact)
  await expect(store.buyButton('Short Techno')).toBeVisible()

  await store.previewButton().click()
  const sound = page.locator('audio')
  const at = () => sound.evaluate((audio: HTMLAudioElement) => audio.currentTime)
  await expect.poll(at).toBeGreaterThan(1)
  await expect(frame.player).toContainText('Short Techno')
  await expect(frame.player).toContainText('Preview')
  const length = await sound.evaluate((audio: HTMLAudioElement) => audio.duration)
  expect(length).toBeGreaterThan(29)
  expect(length).toBeLessThan(31)
  expect(await sound.evaluate((audio: HTMLAudioElement) => audio.error)).toBeNull()

  await frame.player.getByRole('slider', { name: 'Position' }).fill('700')
  await expect.poll(at).toBeGreaterThan(20)
  await frame.goTo('Library')
  const before = await at()
  await expect.poll(at).toBeGreaterThan(before)
  await frame.player.getByRole('button', { name: 'Pause' }).click()
  await expect(sound).toHaveJSProperty('paused', true)
})

test('R-MM-18: a part of a preview is served by its range', async ({ app, tab }) => {
  await tab.welcome.lookAround()
  await openTrack(tab, 'Short House')
  await tab.store.previewButton().click()
  const address = await tab.page.locator('audio').getAttribute('src')
  const answer = await tab.page.request.get(`${app.address}${address}`, { headers: { range: 'bytes=1000-1999' } })
  expect(answer.status()).toBe(206)
  expect((await answer.body()).length).toBe(1000)
  expect(answer.headers()['content-range']).toMatch(/^bytes 1000-1999\/\d+$/)
})

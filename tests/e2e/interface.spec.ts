import { expect, test } from '@playwright/test'
import { AppError } from '../../contract/errors.ts'
import { tracks } from '../_kit/fake-host/fixtures.ts'
import { emptyState, fullState, signedIn, signedOut } from '../_kit/fake-host/shop-state.ts'
import { startFakeHost } from '../_kit/fake-host.ts'
import { CheckoutPage } from './pages/checkout-page.ts'
import { CratePages } from './pages/crate-pages.ts'
import { DevicesPage } from './pages/devices-page.ts'
import { DownloadsPage } from './pages/downloads-page.ts'
import { FramePage } from './pages/frame-page.ts'
import { LibraryPage } from './pages/library-page.ts'
import { StorePages } from './pages/store-pages.ts'
import { expectAccessible, watchPage } from './pages/watched-page.ts'
import { WelcomePage } from './pages/welcome-page.ts'

const forSale = tracks[1]
if (forSale === undefined) throw new AppError('not-found')

test('R-MM-20: buying changes the button at once, and a refusal rolls it back with a visible reason', async ({
  page,
}) => {
  await using host = await startFakeHost(emptyState())
  const frame = new FramePage(page)
  const store = new StorePages(page)
  const checkout = new CheckoutPage(page)
  await frame.open(host.link)
  await store.link(forSale.title).click()
  await expect(store.title()).toHaveText(forSale.title)
  await store.buyButton(forSale.title).click()
  const release = host.hold('commerce.buy')
  host.fail('commerce.buy', 'already-owned')
  await checkout.pay()
  await expect(page.getByText('Confirming…')).toBeAttached()
  release()
  await expect(checkout.failure).toContainText('You already own this')
  await expect(page.getByText('Confirming…')).toHaveCount(0)
  await checkout.close()
  await expect(store.buyButton(forSale.title)).toBeVisible()
})

test('checkout waits, says what it waits for, follows the payment, and ends with what is yours', async ({ page }) => {
  await using host = await startFakeHost(emptyState())
  const frame = new FramePage(page)
  const store = new StorePages(page)
  const checkout = new CheckoutPage(page)
  const { complaints } = watchPage(page)
  await frame.open(host.link)
  await store.buyButton(forSale.title).click()
  await checkout.pay()
  await expect(checkout.state).toContainText('Waiting for your payment')
  expect(await checkout.address()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sandbox\/pay\//)
  await expect(checkout.paymentLink).toHaveAttribute('target', '_blank')
  await expectAccessible(page)
  const [payment] = host.state.payments
  if (payment === undefined) throw new Error('No payment was opened')
  payment.status = 'authorized'
  await checkout.checkNow()
  await expect(checkout.state).toContainText('Paid, confirming')
  payment.status = 'captured'
  host.emit({ type: 'commerce.changed', paymentId: payment.id, status: 'captured' })
  await expect(checkout.state).toContainText('It is yours')
  expect(complaints).toEqual([])
})

test('a payment that fails says that nothing was charged and can be tried again', async ({ page }) => {
  await using host = await startFakeHost(emptyState())
  const checkout = new CheckoutPage(page)
  await new FramePage(page).open(host.link)
  await new StorePages(page).buyButton(forSale.title).click()
  await checkout.pay()
  await expect(checkout.state).toContainText('Waiting')
  for (const payment of host.state.payments) payment.status = 'failed'
  await checkout.checkNow()
  await expect(checkout.state).toContainText('Nothing was charged')
  await checkout.panel.getByRole('button', { name: 'Try again' }).click()
  await expect(checkout.panel.getByRole('button', { name: 'Pay in browser' })).toBeEnabled()
})

test('R-MM-20: downloading changes the state at once, and a refusal rolls it back with a visible reason', async ({
  page,
}) => {
  await using host = await startFakeHost()
  const owned = host.state.library.find(({ state }) => state === 'cloud')
  if (owned === undefined) throw new Error('Nothing is in the cloud')
  host.state.downloads = []
  const frame = new FramePage(page)
  const library = new LibraryPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  const release = host.hold('delivery.start')
  host.fail('delivery.start', 'not-signed-in')
  await library.download(owned.title)
  await expect(library.row(owned.title)).toContainText('Queued')
  release()
  await expect(frame.messages).toContainText('You are not signed in')
  await expect(library.row(owned.title)).toContainText('Owned')
})

test('previews play from any list, survive navigation, and obey the keys', async ({ page }) => {
  await using host = await startFakeHost(emptyState())
  const frame = new FramePage(page)
  const { complaints } = watchPage(page)
  await frame.open(host.link)
  await new StorePages(page).link(forSale.title).press(' ')
  await expect(frame.player).toContainText(forSale.title)
  const isPlaying = (): Promise<boolean> =>
    page.locator('audio').evaluate((audio: HTMLAudioElement) => !audio.paused && audio.currentTime > 0)
  await expect.poll(isPlaying).toBe(true)
  await frame.goTo('Settings')
  await expect.poll(isPlaying).toBe(true)
  await page.locator('body').press(' ')
  await expect.poll(isPlaying).toBe(false)
  const position = frame.player.getByRole('slider', { name: 'Position' })
  await position.focus()
  await position.press('ArrowRight')
  await expect
    .poll(() => page.locator('audio').evaluate((audio: HTMLAudioElement) => audio.currentTime))
    .toBeGreaterThan(4)
  await frame.player.getByRole('button', { name: 'Next' }).click()
  await expect(frame.player).not.toContainText(forSale.title)
  await expectAccessible(page)
  expect(complaints).toEqual([])
})

test('progress told by the core moves the bar without asking again, and the end is said aloud', async ({ page }) => {
  await using host = await startFakeHost()
  const [first] = host.state.downloads
  if (first === undefined) throw new Error('The queue is empty')
  const frame = new FramePage(page)
  const downloads = new DownloadsPage(page)
  await frame.open(host.link)
  await frame.goTo('Downloads')
  await expect(downloads.progress(first.title)).toHaveAttribute('aria-valuenow', '37')
  host.emit({ type: 'delivery.progressed', download: { ...first, receivedBytes: 30_400_000 } })
  await expect(downloads.progress(first.title)).toHaveAttribute('aria-valuenow', '80')
  let lists = 0
  page.on('request', (request) => {
    if (request.url().includes('/call/delivery.list')) lists += 1
  })
  const done = { ...first, status: 'done' as const, finishedAt: new Date().toISOString() }
  host.state.downloads = host.state.downloads.map((each) => (each.id === first.id ? done : each))
  host.emit({ type: 'delivery.progressed', download: done })
  await expect(frame.messages).toContainText(`${first.title} is here, verified`)
  await expect(downloads.group('Done').getByRole('listitem', { name: first.title })).toBeVisible()
  const second = host.state.downloads.find(({ status }) => status === 'queued')
  host.emit({ type: 'delivery.progressed', download: { ...(second ?? first), status: 'preparing' } })
  await expect(downloads.group('On its way').getByRole('listitem', { name: second?.title ?? '' })).toBeVisible()
  expect(lists).toBe(0)
})

test('a click on Pause shows at once and no progress goes back, though the queue is asked for and not answered', async ({
  page,
}) => {
  await using host = await startFakeHost()
  const moving = host.state.downloads.find(({ status }) => status === 'downloading')
  const queued = host.state.downloads.find(({ status }) => status === 'queued')
  if (moving === undefined || queued === undefined) throw new Error('The queue lacks a state')
  const frame = new FramePage(page)
  const downloads = new DownloadsPage(page)
  await frame.open(host.link)
  await frame.goTo('Downloads')
  for (const receivedBytes of [19_000_000, 30_400_000])
    host.emit({ type: 'delivery.progressed', download: { ...moving, receivedBytes } })
  await expect(downloads.progress(moving.title)).toHaveAttribute('aria-valuenow', '80')
  const release = host.hold('delivery.list')
  const asked = page.waitForRequest(/\/call\/delivery\.list/)
  host.emit({ type: 'delivery.changed' })
  await asked
  await downloads.control(queued.title, 'Pause').click()
  await expect(downloads.control(queued.title, 'Continue')).toBeVisible()
  await expect(downloads.progress(moving.title)).toHaveAttribute('aria-valuenow', '80')
  const answered = page.waitForResponse(/\/call\/delivery\.list/)
  release()
  await answered
  await expect(downloads.control(queued.title, 'Continue')).toBeVisible()
  await expect(downloads.progress(moving.title)).toHaveAttribute('aria-valuenow', '80')
})

test('a question that is never answered keeps no other back', async ({ page }) => {
  await using host = await startFakeHost()
  const [first, ...others] = host.state.downloads
  if (first === undefined) throw new Error('The queue is empty')
  const frame = new FramePage(page)
  const downloads = new DownloadsPage(page)
  await frame.open(host.link)
  await frame.goTo('Downloads')
  await expect(downloads.row(first.title)).toBeVisible()
  const asked = page.waitForRequest(/\/call\/delivery\.plan/)
  await page.route(/\/call\/delivery\.plan/, () => {})
  host.emit({ type: 'delivery.changed' })
  await asked
  host.state.downloads = others
  host.emit({ type: 'delivery.changed' })
  await expect(downloads.row(first.title)).toBeHidden()
})

test('the queue is put in another order with the keys alone', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  const downloads = new DownloadsPage(page)
  await frame.open(host.link)
  await frame.goTo('Downloads')
  const waiting = downloads.group('Waiting').getByRole('listitem')
  const titles = (): Promise<(string | null)[]> =>
    waiting.evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')))
  await expect(waiting).toHaveCount(4)
  const [first, second] = await titles()
  await downloads.handle(second ?? '').press('ArrowUp')
  await expect.poll(async () => (await titles()).slice(0, 2)).toEqual([second, first])
  await expect(downloads.handle(second ?? '')).toBeFocused()
})

test('a crate is made, filled, given a folder through the browser of folders, and synced', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  const crates = new CratePages(page)
  const library = new LibraryPage(page)
  const { complaints } = watchPage(page)
  await frame.open(host.link)
  await frame.goTo('Crates')
  await crates.create('Sunday')
  await frame.goTo('Library')
  const [one, two] = host.state.library
  await library.choose(one?.title ?? '')
  await library.choose(two?.title ?? '', 'ControlOrMeta')
  await expect(library.selection).toContainText('2 chosen')
  await library.selection.getByRole('button', { name: 'Put into a crate' }).click()
  await page.getByRole('menuitem', { name: 'Sunday' }).click()
  await expect(frame.messages).toContainText('2 tracks put into Sunday')
  await frame.places.getByRole('link', { name: /Sunday/ }).click()
  await expect(crates.tracks).toHaveCount(2)
  await crates.chooseFolder('Home', 'Music')
  await expect(crates.syncLine).toContainText('/media/robin/USB DJ/Sunday')
  await crates.sync()
  await expect(frame.messages).toContainText('Synced')
  await expectAccessible(page)
  expect(complaints).toEqual([])
})

test('taking a track out of a crate can be undone', async ({ page }) => {
  await using host = await startFakeHost()
  const [friday] = host.state.crates
  const crates = new CratePages(page)
  const frame = new FramePage(page)
  await frame.open(host.link)
  await frame.places.getByRole('link', { name: /Friday/ }).click()
  const count = friday?.items.length ?? 0
  await expect(crates.tracks).toHaveCount(count)
  await crates.tracks
    .first()
    .getByRole('button', { name: /^Take / })
    .click()
  await expect(crates.tracks).toHaveCount(count - 1)
  await frame.messages.getByRole('button', { name: 'Undo' }).click()
  await expect(crates.tracks).toHaveCount(count)
})

test('the library is worked with the keyboard: arrows choose, Shift extends, letters search', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  const library = new LibraryPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  await library.table.focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await page.keyboard.press('Shift+ArrowDown')
  await expect(library.selection).toContainText('3 chosen')
  await page.keyboard.press('Escape')
  await expect(library.selection).toHaveCount(0)
  const title = host.state.library[3]?.title ?? ''
  await page.keyboard.type(title.slice(0, 6))
  await expect(library.row(title)).toBeVisible()
})

test('ten thousand tracks scroll with only a screenful of rows alive', async ({ page }) => {
  const state = fullState()
  const [sample] = state.library
  if (sample === undefined) throw new Error('The library is empty')
  state.library = Array.from({ length: 10_000 }, (_, index) => ({
    ...sample,
    trackId: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    title: `Track ${index}`,
    state: 'cloud' as const,
    track: null,
  }))
  await using host = await startFakeHost(state)
  const frame = new FramePage(page)
  const library = new LibraryPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  await expect(library.table).toHaveAttribute('aria-rowcount', '10001')
  await library.table.focus()
  await page.keyboard.press('End')
  await expect(library.row('Track 9999')).toBeVisible()
  expect(await library.table.getByRole('row').count()).toBeLessThan(60)
})

test('the palette opens with the keys, finds by typing, and goes there', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  await frame.open(host.link)
  await page.keyboard.press('ControlOrMeta+k')
  const box = page.getByRole('combobox', { name: 'Type a command or what to search for' })
  await box.fill('devi')
  await expectAccessible(page)
  await box.press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Devices' })).toBeVisible()
})

test('signing in: a wrong password says so in place, the right one opens the store', async ({ page }) => {
  const state = emptyState()
  state.session = signedOut()
  await using host = await startFakeHost(state)
  const welcome = new WelcomePage(page)
  const { complaints } = watchPage(page)
  await page.goto(host.link)
  await welcome.signIn('listener@mixmint.example', 'wrong-password')
  await expect(welcome.failure).toContainText('The e-mail address or the password is wrong')
  await expectAccessible(page)
  await welcome.signIn('listener@mixmint.example', 'listen-to-the-rain')
  await expect(page.getByRole('heading', { name: 'New releases' })).toBeVisible()
  expect(complaints).toEqual([])
})

test('recovery: the code from the mail brings a new password, a wrong one says so', async ({ page }) => {
  const state = emptyState()
  state.session = signedOut()
  await using host = await startFakeHost(state)
  const welcome = new WelcomePage(page)
  await page.goto(host.link)
  await welcome.askForNewPassword('listener@mixmint.example')
  await welcome.answerWithCode('000000', 'a few words in a row')
  await expect(welcome.failure).toContainText('The code is wrong or too old')
  await welcome.answerWithCode('123456', 'a few words in a row')
  await expect(page.getByRole('heading', { name: 'New releases' })).toBeVisible()
})

test('a sixth device is let in when another makes place', async ({ page }) => {
  const state = emptyState()
  const [first] = state.devices
  if (first === undefined) throw new Error('There is no device')
  state.devices = Array.from({ length: 5 }, (_, index) => ({
    ...first,
    id: `00000000-0000-4000-8000-00000000000${index}`,
    name: `Computer ${index}`,
  }))
  state.session = { ...signedIn(null), status: 'needs-device' }
  await using host = await startFakeHost(state)
  await page.goto(host.link)
  await expect(page.getByRole('heading', { name: 'All your devices are in use' })).toBeVisible()
  await expectAccessible(page)
  await new WelcomePage(page).replaceDevice('Computer 2')
  await expect(page.getByRole('heading', { name: 'New releases' })).toBeVisible()
  expect(state.devices.filter(({ revokedAt }) => revokedAt === null)).toHaveLength(4)
})

test('removing a device can be undone for ten seconds, and nothing is asked of the server before', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  const devices = new DevicesPage(page)
  await frame.open(host.link)
  await frame.goTo('Devices')
  await devices.remove('Old desktop')
  await expect(devices.device('Old desktop')).toHaveCount(0)
  expect(host.state.devices.every(({ revokedAt }) => revokedAt === null)).toBe(true)
  await frame.messages.getByRole('button', { name: 'Undo' }).click()
  await expect(devices.device('Old desktop')).toBeVisible()
  await devices.remove('Old desktop')
  await frame.goTo('Settings')
  await expect.poll(() => host.state.devices.filter(({ revokedAt }) => revokedAt !== null).length).toBe(1)
})

test('R-DC-24: offline, the status says so, the library works, and the store says what still does', async ({
  page,
}) => {
  const state = fullState()
  state.isOnline = false
  await using host = await startFakeHost(state)
  for (const call of ['catalogue.home', 'catalogue.listTracks']) host.fail(call, 'offline')
  const frame = new FramePage(page)
  await frame.open(host.link)
  await expect(frame.networkStatus()).toHaveText('Offline')
  await expect(frame.content.getByRole('alert')).toContainText('There is no connection to the store')
  await frame.goTo('Library')
  await expect(new LibraryPage(page).row(state.library[0]?.title ?? '')).toBeVisible()
  for (const call of ['catalogue.home', 'catalogue.listTracks']) host.fail(call, null)
  state.isOnline = true
  host.emit({ type: 'network.changed', isOnline: true })
  await expect(frame.networkStatus()).toHaveText('Online')
})

test('a tab without a bearer asks for the link, takes a pasted one, and hides the secret', async ({ page }) => {
  await using host = await startFakeHost()
  await page.goto(host.address)
  await expect(page.getByRole('heading', { name: 'Open this tab with your link' })).toBeVisible()
  await expectAccessible(page)
  const box = page.getByRole('textbox', { name: 'Paste your link' })
  await box.fill('hello')
  await box.press('Enter')
  await expect(page.getByRole('alert')).toContainText('That is not a MixMint link')
  await box.fill(host.link)
  await box.press('Enter')
  await expect(page.getByRole('heading', { name: 'New releases' })).toBeVisible()
  expect(page.url()).not.toContain('link=')
  await page.reload()
  await expect(page.getByRole('heading', { name: 'New releases' })).toBeVisible()
})

test('a late refusal of the bearer that a tab had before leaves the new one alone', async ({ page }) => {
  await using host = await startFakeHost()
  const frame = new FramePage(page)
  await frame.open(host.link)
  const bearer = () => page.evaluate(() => sessionStorage.getItem('mixmint.tab'))
  const former = `Bearer ${await bearer()}`
  const refusals: (() => Promise<void>)[] = []
  await page.route('**/call/**', async (route) => {
    if ((await route.request().headerValue('authorization')) !== former) return await route.continue()
    const body = JSON.stringify({ ok: false, error: { code: 'not-allowed', message: 'No bearer' } })
    refusals.push(() => route.fulfill({ status: 401, contentType: 'application/json', body }))
  })
  await frame.goTo('Devices')
  await expect.poll(() => refusals.length).toBeGreaterThan(0)
  await page.goto(host.link)
  await expect(page.getByRole('heading', { name: 'New releases' })).toBeVisible()
  const late = page.waitForResponse((response) => response.status() === 401)
  for (const refuse of refusals) await refuse()
  await late
  await frame.goTo('Settings')
  expect(`Bearer ${await bearer()}`).not.toBe(former)
  await expect(page.getByRole('heading', { name: 'Open this tab with your link' })).toHaveCount(0)
})

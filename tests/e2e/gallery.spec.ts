import { expect, type Page, test } from '@playwright/test'
import type { ErrorCode } from '../../contract/errors.ts'
import { ERROR_TEXT } from '../../renderer/shared/error-text.ts'
import { packs, tracks } from '../_kit/fake-host/fixtures.ts'
import { emptyState, fullState, type ShopState, signedOut } from '../_kit/fake-host/shop-state.ts'
import { startFakeHost } from '../_kit/fake-host.ts'
import { expectAccessible, watchPage } from './pages/watched-page.ts'

const track = tracks[20]
const pack = packs[1]
if (track === undefined || pack === undefined) throw new Error('The demo catalogue is too small')

/** Each screen with its address, a word that shows it is there, and the call it can not do without. */
const SCREENS = [
  { name: 'store', at: '/', shows: 'New releases', call: 'catalogue.home' },
  { name: 'search', at: '/search?q=bpm:110-140', shows: 'Tracks', call: 'catalogue.listTracks' },
  { name: 'track', at: `/track/${track.id}`, shows: track.title, call: 'catalogue.getTrack' },
  { name: 'pack', at: `/pack/${pack.id}`, shows: pack.title, call: 'catalogue.getPack' },
  { name: 'dj', at: `/dj/${track.dj.slug}`, shows: track.dj.name, call: 'catalogue.getDj' },
  { name: 'library', at: '/library', shows: 'Library', call: 'library.list' },
  { name: 'downloads', at: '/downloads', shows: 'Downloads', call: 'delivery.list' },
  { name: 'crates', at: '/crates', shows: 'Crates', call: 'crates.list' },
  { name: 'devices', at: '/devices', shows: 'Devices', call: 'identity.listDevices' },
  { name: 'settings', at: '/settings', shows: 'Settings', call: 'app.getSettings' },
] as const

async function show(page: Page, link: string, at: string): Promise<void> {
  await page.goto(link)
  await page.getByRole('main').waitFor()
  await page.evaluate((hash) => {
    location.hash = hash
  }, at)
}

function stateWith(change: (state: ShopState) => void, state: ShopState = fullState()): ShopState {
  change(state)
  return state
}

for (const theme of ['dark', 'light'] as const) {
  for (const { name, at, shows } of SCREENS) {
    test(`R-DC-03: ${name} in ${theme} renders with no complaint and is accessible`, async ({ page }) => {
      await using host = await startFakeHost(stateWith((state) => Object.assign(state.settings, { theme })))
      const { complaints } = watchPage(page)
      await page.emulateMedia({ reducedMotion: 'reduce' })
      await show(page, host.link, at)
      await expect(page.getByRole('heading', { name: shows, exact: true }).first()).toBeAttached()
      await expect(page.locator('.skeleton')).toHaveCount(0)
      await expectAccessible(page)
      expect(complaints).toEqual([])
    })
  }
}

for (const { name, at, shows, call } of SCREENS) {
  test(`R-DC-30: ${name} shows a shape while it loads, then a plain error with a way to try again`, async ({
    page,
  }) => {
    await using host = await startFakeHost()
    const { complaints } = watchPage(page)
    const release = host.hold(call)
    await show(page, host.link, at)
    await expect(
      page
        .getByRole('main')
        .getByRole('status', { name: /load/i })
        .or(page.getByRole('main').locator('.skeleton').first())
        .first(),
    ).toBeVisible()
    host.fail(call, 'rebind-limit')
    release()
    const alert = page.getByRole('main').getByRole('alert')
    await expect(alert).toContainText(ERROR_TEXT['rebind-limit'].what)
    await expect(alert).toContainText(ERROR_TEXT['rebind-limit'].remedy)
    await expect(alert).not.toContainText('rebind-limit')
    host.fail(call, null)
    await alert.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('heading', { name: shows, exact: true }).first()).toBeAttached()
    expect(complaints).toEqual([])
  })
}

for (const [name, at, says] of [
  ['library', '/library', 'Your library is empty'],
  ['downloads', '/downloads', 'Nothing is on its way'],
  ['crates', '/crates', 'No crates yet'],
  ['search', '/search?q=zzzz', 'Nothing fits this search'],
] as const) {
  test(`R-DC-30: an empty ${name} says what to do`, async ({ page }) => {
    await using host = await startFakeHost(emptyState())
    const { complaints } = watchPage(page)
    await show(page, host.link, at)
    await expect(page.getByRole('heading', { name: says })).toBeVisible()
    await expectAccessible(page)
    expect(complaints).toEqual([])
  })
}

for (const [name, at] of [
  ['library', '/library'],
  ['downloads', '/downloads'],
  ['crates', '/crates'],
  ['devices', '/devices'],
] as const) {
  test(`R-DC-30: ${name} asks whoever is signed out to sign in`, async ({ page }) => {
    await using host = await startFakeHost(
      stateWith((state) => Object.assign(state, { session: signedOut() }), emptyState()),
    )
    await page.goto(host.link)
    await page.getByRole('button', { name: 'Look around without an account' }).click()
    await page.evaluate((hash) => {
      location.hash = hash
    }, at)
    await expect(page.getByRole('main').getByRole('heading', { name: /^Sign in to see/ })).toBeVisible()
    await expect(page.getByRole('main').getByRole('link', { name: 'Sign in' })).toBeVisible()
  })
}

test('R-DC-30, DL16: every code says what happened and what to do, in words that are not the code', () => {
  for (const [code, { what, remedy }] of Object.entries(ERROR_TEXT) as [
    ErrorCode,
    { what: string; remedy: string },
  ][]) {
    expect(what.length, code).toBeGreaterThan(8)
    expect(remedy.length, code).toBeGreaterThan(8)
    expect(what, code).not.toMatch(/\b[a-z]+-[a-z]+-[a-z]+\b|\b[45]\d\d\b/)
  }
})

test('R-MM-90: text in every screen is drawn in the one typeface of the tokens', async ({ page }) => {
  await using host = await startFakeHost()
  await show(page, host.link, '/')
  await expect(page.getByRole('heading', { name: 'New releases' })).toBeVisible()
  const families = await page.evaluate(() => [
    ...new Set(
      [...document.querySelectorAll('h1, h2, p, a, button, input')].map(
        (element) => getComputedStyle(element).fontFamily.split(',')[0],
      ),
    ),
  ])
  expect(families).toEqual(['"Inter Variable"'])
  expect(await page.evaluate(() => document.fonts.check('15px "Inter Variable"'))).toBe(true)
})

for (const width of [640, 400]) {
  for (const { name, at, shows } of SCREENS) {
    test(`${name} at ${width} px loses nothing sideways`, async ({ page }) => {
      await using host = await startFakeHost()
      await page.setViewportSize({ width, height: 800 })
      await show(page, host.link, at)
      await expect(page.getByRole('heading', { name: shows, exact: true }).first()).toBeAttached()
      expect(await page.getByRole('main').evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0)
    })
  }
}

/** `npm run pictures`: each screen in dark, light and narrow, and its empty and failing states, into docs/pictures. */
import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from '@playwright/test'
import { packs, tracks } from '../tests/_kit/fake-host/fixtures.ts'
import { everyStatus, finishedEverything, troubledQueue } from '../tests/_kit/fake-host/queue-states.ts'
import { emptyState, fullState, type ShopState, signedOut } from '../tests/_kit/fake-host/shop-state.ts'
import { type FakeHost, startFakeHost } from '../tests/_kit/fake-host.ts'
import { findChromium } from './find-chromium.ts'
import { buildRenderer } from './start/build-renderer.ts'

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url))
const WIDE = { width: 1360, height: 860 }
const TALL = { width: 1360, height: 2100 }
const NARROW = { width: 640, height: 900 }
const [track, pack] = [tracks[20], packs[1]]
if (track === undefined || pack === undefined) throw new Error('The demo catalogue is too small')

const SCREENS: readonly (readonly [name: string, at: string])[] = [
  ['store', '/'],
  ['search', '/search?q=bpm:110-140'],
  ['track', `/track/${track.id}`],
  ['pack', `/pack/${pack.id}`],
  ['dj', `/dj/${track.dj.slug}`],
  ['library', '/library'],
  ['downloads', '/downloads'],
  ['crates', '/crates'],
  ['devices', '/devices'],
  ['settings', '/settings'],
]

const LOOK_EVERY_MS = 50
const MOST_LOOKS = 100
/** Covers are asked for after the screen is there: it counts as loaded when it has been so for a while. */
const CALM_LOOKS = 12
const SIGHT_IS_LOADED =
  "document.fonts.status === 'loaded' && [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight)"

async function settle(page: Page): Promise<void> {
  await page.getByRole('main').waitFor()
  await page.locator('.skeleton').first().waitFor({ state: 'detached' })
  // Pictures below the fold load when they are scrolled to; those in sight are waited for.
  let calm = 0
  for (let look = 0; look < MOST_LOOKS && calm < CALM_LOOKS; look += 1) {
    calm = (await page.evaluate(SIGHT_IS_LOADED)) === true ? calm + 1 : 0
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

async function picture(
  browser: Browser,
  name: string,
  at: string,
  viewport: { width: number; height: number },
  state: ShopState,
  prepare: (page: Page, host: FakeHost) => Promise<void> = async () => undefined,
): Promise<void> {
  await using host = await startFakeHost(state)
  const page = await browser.newPage({ viewport, reducedMotion: 'reduce' })
  await prepare(page, host)
  await page.goto(host.link)
  await page.getByRole('main').waitFor()
  await page.evaluate(`location.hash = ${JSON.stringify(at)}`)
  await settle(page)
  await page.screenshot({ path: `${FOLDER}${name}.png` })
  await page.close()
  console.log(`docs/pictures/${name}.png`)
}

function themed(theme: 'dark' | 'light', state = fullState()): ShopState {
  Object.assign(state.settings, { theme })
  return state
}

await buildRenderer()
await rm(FOLDER, { recursive: true, force: true })
await mkdir(FOLDER, { recursive: true })
const browser = await chromium.launch({ executablePath: await findChromium() })
for (const [name, at] of SCREENS) {
  await picture(browser, `${name}-dark`, at, WIDE, themed('dark'))
  await picture(browser, `${name}-light`, at, WIDE, themed('light'))
  await picture(browser, `${name}-narrow`, at, NARROW, themed('dark'))
}
for (const name of ['library', 'downloads', 'crates'])
  await picture(browser, `${name}-empty`, `/${name}`, WIDE, themed('dark', emptyState()))
for (const theme of ['dark', 'light'] as const) {
  await picture(browser, `downloads-states-${theme}`, '/downloads', TALL, themed(theme, everyStatus()))
  await picture(browser, `downloads-trouble-${theme}`, '/downloads', WIDE, themed(theme, troubledQueue()))
  await picture(browser, `downloads-report-${theme}`, '/downloads', WIDE, themed(theme, finishedEverything()))
}
await picture(
  browser,
  'downloads-states-narrow',
  '/downloads',
  { width: 480, height: 1900 },
  themed('dark', everyStatus()),
)
await picture(browser, 'downloads-error', '/downloads', WIDE, themed('dark'), async (_page, host) =>
  host.fail('delivery.list', 'disk-error'),
)
await picture(browser, 'library-error', '/library', WIDE, themed('dark'), async (_page, host) =>
  host.fail('library.list', 'disk-error'),
)
for (const theme of ['dark', 'light'] as const) {
  const state = themed(theme, emptyState())
  Object.assign(state, { session: signedOut() })
  await picture(browser, `welcome-${theme}`, '/welcome', WIDE, state)
}
await browser.close()

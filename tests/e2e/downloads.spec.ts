import { expect, type Page, test } from '@playwright/test'
import type { DownloadStatus } from '../../contract/delivery.ts'
import { everyStatus, finishedEverything, LOOK_OF, longQueue, STATUSES } from '../_kit/fake-host/queue-states.ts'
import { fullState, type ShopState } from '../_kit/fake-host/shop-state.ts'
import { type FakeHost, startFakeHost } from '../_kit/fake-host.ts'
import { DownloadsPage } from './pages/downloads-page.ts'
import { FramePage } from './pages/frame-page.ts'
import { expectAccessible, watchPage } from './pages/watched-page.ts'

const GB = 1_000_000_000

/** What each state says, and the button that helps where one does. */
const SAYS: Readonly<Record<DownloadStatus, readonly [words: string | RegExp, remedy: string | null]>> = {
  queued: ['Queued', null],
  preparing: ['Preparing', null],
  downloading: ['Downloading', null],
  stalled: [/Stalled, tries again in \d+:\d\d/, 'Try now'],
  'waiting-for-network': ['Waiting for the network', 'Try now'],
  'waiting-for-drive': ['Waiting for drive MUSIC', 'Try now'],
  'needs-sign-in': ['Needs sign-in', 'Sign in again'],
  'needs-device': ['Needs registration', 'Open devices'],
  'needs-space': ['Needs 1.20 GB more space', 'Choose another folder'],
  'needs-folder': ['Needs a folder', 'Choose another folder'],
  'needs-consent': ['Metered connection', 'Use it'],
  paused: ['Paused', null],
  verifying: ['Verifying', null],
  done: ['Here', null],
  failed: ['Failed', 'Try now'],
  cancelled: ['Taken out', null],
  ended: ['Access ended', null],
}

async function openQueue(page: Page, host: FakeHost): Promise<DownloadsPage> {
  const frame = new FramePage(page)
  await frame.open(host.link)
  await frame.goTo('Downloads')
  return new DownloadsPage(page)
}

function titleOf(state: ShopState, status: DownloadStatus): string {
  return state.downloads.find((download) => download.status === status)?.title ?? ''
}

for (const theme of ['dark', 'light'] as const) {
  test(`R-DC-11 DL8 DL12 DL16: every state is told in words with its remedy, in ${theme}`, async ({ page }) => {
    const state = everyStatus()
    state.settings.theme = theme
    await using host = await startFakeHost(state)
    const { complaints } = watchPage(page)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.setViewportSize({ width: 1280, height: 2400 })
    const downloads = await openQueue(page, host)
    for (const status of STATUSES) {
      const row = downloads.row(titleOf(state, status))
      const [words, remedy] = SAYS[status]
      await expect(row, status).toContainText(words)
      if (remedy !== null)
        await expect(
          row.getByRole('button', { name: remedy }).or(row.getByRole('link', { name: remedy })),
        ).toBeVisible()
      const code = LOOK_OF[status].reason?.code
      if (code !== undefined) await expect(row).not.toContainText(code)
    }
    await expect(downloads.group('Needs you').getByRole('listitem')).toHaveCount(6)
    await expect(downloads.group('Waiting').getByRole('listitem')).toHaveCount(5)
    await expectAccessible(page)
    expect(complaints).toEqual([])
  })
}

for (const width of [640, 400]) {
  test(`every state at ${width} px loses nothing sideways`, async ({ page }) => {
    await using host = await startFakeHost(everyStatus())
    await page.setViewportSize({ width, height: 3000 })
    await page.goto(host.link)
    await page.getByRole('main').waitFor()
    await page.evaluate(() => {
      location.hash = '/downloads'
    })
    await expect(page.getByText('Waiting for drive MUSIC')).toBeVisible()
    expect(await page.getByRole('main').evaluate((main) => main.scrollWidth - main.clientWidth)).toBe(0)
  })
}

test('DL8: a stalled download counts down, and can be tried at once', async ({ page }) => {
  await using host = await startFakeHost(everyStatus())
  const title = titleOf(host.state, 'stalled')
  await page.setViewportSize({ width: 1280, height: 2400 })
  const downloads = await openQueue(page, host)
  const left = async (): Promise<string> =>
    /in (\d+:\d\d)/.exec((await downloads.row(title).textContent()) ?? '')?.[1] ?? ''
  const first = await left()
  await expect.poll(left).not.toBe(first)
  await downloads.row(title).getByRole('button', { name: 'Try now' }).click()
  await expect(downloads.row(title)).toContainText('Queued')
})

test('DL16: the diagnostics of a failure are copied', async ({ page, context }) => {
  await using host = await startFakeHost(everyStatus())
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const downloads = await openQueue(page, host)
  await downloads.choose(titleOf(host.state, 'failed'), 'Copy diagnostics')
  await expect(new FramePage(page).messages).toContainText('Copied')
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('attempts-exhausted')
})

test('DL6 R-DC-11: the queue is worked with the keys alone: first, last, up, next, now and a limit', async ({
  page,
}) => {
  const state = longQueue(6)
  await using host = await startFakeHost(state)
  const { complaints } = watchPage(page)
  const { keyboard } = page
  const downloads = await openQueue(page, host)
  const order = async (): Promise<string> =>
    (await downloads.titles('Waiting')).map((title) => title?.slice(-1)).join('')
  await expect.poll(order).toBe('012345')

  await downloads.handle('Track 5').focus()
  await keyboard.press('Home')
  await expect.poll(order).toBe('501234')
  await expect(downloads.handle('Track 5')).toBeFocused()
  await keyboard.press('End')
  await expect.poll(order).toBe('012345')
  await keyboard.press('ArrowUp')
  await expect.poll(order).toBe('012354')
  await expect(page.locator('[aria-live=assertive]')).toHaveText('Track 5 is now at place 5 of 6')
  await downloads.menuButton('Track 4').focus()
  await keyboard.press('Alt+ArrowUp')
  await expect.poll(order).toBe('012345')
  await expect(downloads.menuButton('Track 4')).toBeFocused()

  await downloads.menuButton('Track 3').focus()
  await keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Download now' })).toBeFocused()
  await keyboard.press('ArrowDown')
  await expect(page.getByRole('menuitem', { name: 'Download next' })).toBeFocused()
  await keyboard.press('Enter')
  await expect.poll(order).toBe('301245')
  await expect(page.locator('[aria-live=assertive]')).toHaveText('Track 3 comes next')

  await downloads.menuButton('Track 2').focus()
  await keyboard.press('Enter')
  await expect(page.getByRole('menuitem', { name: 'Download now' })).toBeFocused()
  await keyboard.press('Enter')
  await expect(downloads.group('On its way').getByRole('listitem', { name: 'Track 2' })).toBeVisible()

  await downloads.menuButton('Track 1').focus()
  await keyboard.press('Enter')
  await keyboard.type('Speed')
  await expect(page.getByRole('menuitem', { name: 'Speed limit for this download' })).toBeFocused()
  await keyboard.press('ArrowRight')
  await expect(page.getByRole('menuitemcheckbox', { name: 'No limit' })).toBeFocused()
  await keyboard.type('2 MB')
  await expect(page.getByRole('menuitemcheckbox', { name: '2 MB/s' })).toBeFocused()
  await keyboard.press('Enter')
  await expect(downloads.row('Track 1')).toContainText('at most 2 MB/s')
  expect(state.asked.map(({ call }) => call)).toEqual([
    'move',
    'move',
    'move',
    'move',
    'downloadNext',
    'downloadNow',
    'limitDownload',
  ])
  expect(state.asked.at(-1)?.input).toMatchObject({ bytesPerSecond: 2_000_000 })
  expect(complaints).toEqual([])
})

test('DL6: a download is dragged to another place', async ({ page }) => {
  const state = longQueue(4)
  await using host = await startFakeHost(state)
  const downloads = await openQueue(page, host)
  await downloads.handle('Track 3').dragTo(downloads.row('Track 1'))
  await expect.poll(() => downloads.titles('Waiting')).toEqual(['Track 0', 'Track 3', 'Track 1', 'Track 2'])
})

test('DL6: moving counts among those that can move, whatever is under way or needs the user', async ({ page }) => {
  const state = everyStatus()
  await using host = await startFakeHost(state)
  await page.setViewportSize({ width: 1280, height: 2400 })
  const downloads = await openQueue(page, host)
  const before = await downloads.titles('Waiting')
  await downloads.handle(before[2] ?? '').press('ArrowUp')
  await expect.poll(() => downloads.titles('Waiting')).toEqual([before[0], before[2], before[1], ...before.slice(3)])
})

test('R-DC-11: ten thousand downloads scroll with a screenful of rows alive, and the keys reach their ends', async ({
  page,
}) => {
  await using host = await startFakeHost(longQueue(10_000))
  const { complaints } = watchPage(page)
  const downloads = await openQueue(page, host)
  const first = downloads.row('Track 0')
  await expect(first).toHaveAttribute('aria-setsize', '10000')
  await downloads.handle('Track 0').press('End')
  await expect(downloads.handle('Track 0')).toBeFocused()
  await expect(first).toHaveAttribute('aria-posinset', '10000')
  await expect(first).toBeInViewport()
  await expect(downloads.row('Track 9999')).toBeInViewport()
  expect(await page.getByRole('main').getByRole('listitem').count()).toBeLessThan(60)
  await page.keyboard.press('Shift+Tab')
  await expect(downloads.menuButton('Track 9999')).toBeFocused()
  await downloads.handle('Track 0').press('Home')
  await expect(first).toBeInViewport()
  await expect(first).toHaveAttribute('aria-posinset', '1')
  await expectAccessible(page)
  expect(complaints).toEqual([])
})

test('a download of its own limit is held, freed, and takes a value that is typed', async ({ page }) => {
  await using host = await startFakeHost(longQueue(2))
  const downloads = await openQueue(page, host)
  await downloads.choose('Track 0', 'Speed limit for this download', 'Hold this one')
  await expect(downloads.row('Track 0')).toContainText('held by its own limit')
  await downloads.choose('Track 0', 'Speed limit for this download', 'Own value…')
  const dialog = page.getByRole('dialog', { name: 'Speed limit for this download' })
  await expect(dialog.getByRole('textbox', { name: 'Speed in MB/s' })).toBeFocused()
  await page.keyboard.type('fast')
  await page.keyboard.press('Enter')
  await expect(dialog.getByRole('alert')).toHaveText('Type a number, for example 2.5')
  await expectAccessible(page)
  await dialog.getByRole('textbox').fill('0,75')
  await page.keyboard.press('Enter')
  await expect(downloads.row('Track 0')).toContainText('at most 750 kB/s')
})

test('DL9: the limit that applies stands in the header with its source, and is changed there', async ({ page }) => {
  const state = fullState()
  state.limit = { bytesPerSecond: 2_000_000, source: 'schedule', until: new Date(2026, 5, 1, 18, 0).toISOString() }
  await using host = await startFakeHost(state)
  const { complaints } = watchPage(page)
  const downloads = await openQueue(page, host)
  await expect(downloads.speed).toHaveText('2 MB/s until 6:00 PM, by schedule')
  await downloads.speed.click()
  await expect(downloads.speedChoice).toContainText('outside of those hours')
  await expectAccessible(page)
  await page.keyboard.press('Escape')
  await expect(downloads.speed).toBeFocused()

  state.limit = { bytesPerSecond: null, source: 'none', until: null }
  host.emit({ type: 'settings.changed' })
  await expect(downloads.speed).toHaveText('No limit')
  await downloads.speed.press('Enter')
  const five = downloads.speedChoice.getByRole('radio', { name: '5 MB/s' })
  await five.click()
  await expect(five).toBeChecked()
  await expect.poll(() => state.settings.bandwidthLimit).toBe(5_000_000)
  const own = downloads.speedChoice.getByRole('textbox', { name: 'Own value in MB/s' })
  await own.fill('-3')
  await own.press('Enter')
  await expect(downloads.speedChoice.getByRole('alert')).toHaveText('Type a number, for example 2.5')
  await own.fill('2.4')
  await own.press('Enter')
  await expect(downloads.speed).toHaveText('At most 2.4 MB/s')
  await expect(downloads.speedChoice.getByRole('radio', { name: '2.4 MB/s' })).toBeChecked()
  expect(complaints).toEqual([])
})

test('DL9: gig mode holds everything, and its end brings the former limit back', async ({ page }) => {
  const state = fullState()
  state.settings.bandwidthLimit = 2_000_000
  state.limit = { bytesPerSecond: 2_000_000, source: 'always', until: null }
  await using host = await startFakeHost(state)
  const downloads = await openQueue(page, host)
  await downloads.speed.click()
  await downloads.speedChoice.getByRole('button', { name: 'Gig mode: hold everything' }).click()
  await expect(downloads.speed).toHaveText('Gig mode: everything is held')
  expect(state.settings.bandwidthLimit).toBe(0)
  await downloads.speed.click()
  await expectAccessible(page)
  await downloads.speedChoice.getByRole('button', { name: 'End gig mode' }).click()
  await expect(downloads.speed).toHaveText('At most 2 MB/s')
  expect(state.settings.bandwidthLimit).toBe(2_000_000)
})

test('DL10: a metered connection asks once, and the answer lets downloads go on', async ({ page }) => {
  const state = everyStatus()
  state.asksAboutMetered = true
  await using host = await startFakeHost(state)
  const title = titleOf(state, 'needs-consent')
  const frame = new FramePage(page)
  const downloads = new DownloadsPage(page)
  await frame.open(host.link)
  await page.getByRole('link', { name: 'Decide' }).click()
  const question = page.getByRole('region', { name: 'Metered connection' })
  await question.getByRole('button', { name: 'Wait' }).click()
  await expect(question).toHaveCount(0)
  await expect(downloads.row(title)).toContainText('Metered connection')
  await downloads.row(title).getByRole('button', { name: 'Use it' }).click()
  await expect(downloads.row(title)).toContainText('Queued')
  expect(state.asked.map(({ input }) => input)).toEqual([{ mayUse: false }, { mayUse: true }])
})

test('DL11 DL12: what does not fit and what waits for its drive is told before it goes wrong', async ({ page }) => {
  const state = fullState()
  state.volumes = [
    {
      name: 'Home',
      isForCopies: false,
      isConnected: true,
      downloads: 120,
      remainingBytes: 8.4 * GB,
      freeBytes: 7.2 * GB,
      missingBytes: 1.2 * GB,
    },
    {
      name: 'MUSIC',
      isForCopies: false,
      isConnected: false,
      downloads: 12,
      remainingBytes: 0.48 * GB,
      freeBytes: null,
      missingBytes: 0,
    },
    {
      name: 'USB',
      isForCopies: true,
      isConnected: true,
      downloads: 1,
      remainingBytes: GB,
      freeBytes: 9 * GB,
      missingBytes: 0,
    },
    {
      name: 'STICK',
      isForCopies: true,
      isConnected: true,
      downloads: 7,
      remainingBytes: 3 * GB,
      freeBytes: GB,
      missingBytes: 2 * GB,
    },
  ]
  await using host = await startFakeHost(state)
  await openQueue(page, host)
  const full = page.getByRole('region', { name: 'Space on Home' })
  await expect(full).toContainText('1.20 GB do not fit on Home')
  await expect(full).toContainText('8.40 GB to come in 120 downloads')
  await expect(full).toContainText('7.20 GB free')
  await expect(page.getByRole('region', { name: 'Space on MUSIC' })).toContainText('12 downloads wait for it, 480 MB')
  await expect(page.getByRole('region', { name: 'Space on USB' })).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Space on STICK' })).toContainText('Crates there take what fits')
  await expectAccessible(page)
})

test('everything that is owned is planned, started, followed, and ends with one report', async ({ page }) => {
  const state = fullState()
  await using host = await startFakeHost(state)
  const { complaints } = watchPage(page)
  const frame = new FramePage(page)
  const downloads = new DownloadsPage(page)
  await frame.open(host.link)
  await frame.goTo('Library')
  await page.getByRole('button', { name: 'Download everything…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Download everything I own' })
  await expect(dialog).toContainText('388 files, 9.20 GB')
  await expect(dialog).toContainText('212 GB')
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Download 388 files' }).click()
  await expect(downloads.everything).toContainText('Downloading everything you own')
  await expect(downloads.everything).toContainText('0 of 388')
  if (state.everything !== null) Object.assign(state.everything, { done: 194, receivedBytes: 4.6 * GB })
  await expect(downloads.everything).toContainText('194 of 388')
  await expect(downloads.everything.getByRole('progressbar')).toHaveAttribute('aria-valuenow', '50')

  const { startedAt = '' } = state.everything ?? {}
  state.everything = finishedEverything().everything
  if (state.everything !== null) state.everything.startedAt = startedAt
  await expect(downloads.everything).toContainText('3 could not be fetched, all else is here')
  await expect(downloads.everything).toContainText('385 downloaded, 9.14 GB')
  await expect(downloads.everything).toContainText('12 were here')
  await expect(downloads.everything).toContainText('No download attempts are left. Write to support')
  await expectAccessible(page)
  const [failure] = state.everything?.failed ?? []
  await downloads.everything.getByRole('button', { name: `Try again: ${failure?.title}` }).click()
  await expect
    .poll(() => state.asked.at(-1))
    .toMatchObject({ call: 'start', input: { contentId: failure?.content.contentId } })
  await downloads.everything.getByRole('button', { name: 'Put the report away' }).click()
  await expect(downloads.everything).toHaveCount(0)
  await page.reload()
  await expect(page.getByRole('heading', { name: 'Downloads' })).toBeVisible()
  await expect(downloads.everything).toHaveCount(0)
  expect(complaints).toEqual([])
})

test('DL11: everything that is owned does not begin when it does not fit, and says what is missing', async ({
  page,
}) => {
  const state = fullState()
  const fitting = { ...state.everythingPlan }
  state.downloads = []
  state.everythingPlan = { ...fitting, freeBytes: 7.9 * GB, missingBytes: 1.3 * GB }
  await using host = await startFakeHost(state)
  await openQueue(page, host)
  await page.getByRole('button', { name: 'Download everything I own…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Download everything I own' })
  await expect(dialog).toContainText('Free 1.30 GB on the disk, or choose a folder on a larger one')
  await expect(dialog.getByRole('button', { name: /^Download/ })).toHaveCount(0)
  await expectAccessible(page)
  state.everythingPlan = fitting
  await dialog.getByRole('button', { name: 'Check again' }).click()
  host.fail('delivery.downloadEverything', 'offline')
  await dialog.getByRole('button', { name: 'Download 388 files' }).click()
  await expect(dialog.getByRole('alert')).toContainText('There is no connection to the store')
})

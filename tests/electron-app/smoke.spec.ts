import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { type ElectronApplication, expect, type Page } from '@playwright/test'
import { CheckoutPage } from '../e2e/pages/checkout-page.ts'
import { DownloadsPage } from '../e2e/pages/downloads-page.ts'
import { FramePage } from '../e2e/pages/frame-page.ts'
import { StorePages } from '../e2e/pages/store-pages.ts'
import { WelcomePage } from '../e2e/pages/welcome-page.ts'
import { test } from './electron-app.ts'

const PASSWORD = 'a long night in the booth'
const TITLE = 'Short Techno'

async function signUp(page: Page): Promise<FramePage> {
  await new WelcomePage(page).signUp(`${crypto.randomUUID().slice(0, 8)}@people.example`, PASSWORD)
  const frame = new FramePage(page)
  await expect(frame.places).toBeVisible()
  return frame
}

/** Keeps the browser closed and answers the address that it was asked to open. */
async function nextAddress(app: ElectronApplication): Promise<() => Promise<string>> {
  await app.evaluate(({ shell }) => {
    Reflect.set(globalThis, 'opened', [])
    shell.openExternal = async (address) => void Reflect.get(globalThis, 'opened').push(address)
  })
  return async () => {
    await expect.poll(() => app.evaluate(() => Reflect.get(globalThis, 'opened').length)).toBeGreaterThan(0)
    return await app.evaluate(() => Reflect.get(globalThis, 'opened').at(-1))
  }
}

test('R-DC-28 R-DC-05: the page is sandboxed and sees of Electron what the preload script names', async ({
  app,
  page,
}) => {
  expect(page.url()).toBe('app://mixmint/')
  expect(
    await page.evaluate(() => ({
      bridge: Object.keys(Reflect.get(window, 'mixmint')).sort(),
      leaks: ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer'].filter((name) => name in window),
      popup: window.open('https://evil.example/') === null,
    })),
  ).toEqual({ bridge: ['call', 'subscribe'], leaks: [], popup: true })
  expect(
    await page.evaluate(() =>
      fetch('https://evil.example/').then(
        () => true,
        () => false,
      ),
    ),
  ).toBe(false)
  expect(
    await page.evaluate(() =>
      fetch('file:///etc/passwd').then(
        () => true,
        () => false,
      ),
    ),
  ).toBe(false)
  await page.evaluate(() => {
    location.href = 'https://evil.example/'
  })
  await expect.poll(() => page.url()).toBe('app://mixmint/')
  expect(await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
})

test('R-DC-28: sign up, browse, hear a preview through media:, and see covers', async ({ page }) => {
  const frame = await signUp(page)
  await frame.searchFor(TITLE)
  await expect(new StorePages(page).link(TITLE)).toBeVisible()
  await expect
    .poll(() =>
      page.evaluate(() =>
        [...document.images].some(({ src, naturalWidth }) => src.startsWith('media:') && naturalWidth > 0),
      ),
    )
    .toBe(true)
})

test('R-DC-28 R-DC-06: buy in the browser, come back by a link, and the file is downloaded', async ({
  app,
  page,
  shop,
  dataFolder,
}) => {
  const frame = await signUp(page)
  const store = new StorePages(page)
  const checkout = new CheckoutPage(page)
  await frame.searchFor(TITLE)
  await store.link(TITLE).click()
  const opened = await nextAddress(app)
  await store.buyButton(TITLE).click()
  await checkout.pay()
  await checkout.paymentLink.click()
  const answer = await fetch(await opened(), {
    method: 'POST',
    body: new URLSearchParams({ outcome: 'succeed' }),
    redirect: 'manual',
  })
  const text = (answer.headers.get('location') ?? '') + (await answer.text())
  const [link = ''] = /mixmint:\/\/payment\/[0-9a-f-]{36}/.exec(text) ?? []
  await app.evaluate(({ app: electronApp }, argument) => {
    electronApp.emit('second-instance', { preventDefault() {} }, ['mixmint', argument], '/', null)
  }, link)
  await expect(checkout.state).toContainText('It is yours')
  await checkout.close()
  await frame.goTo('Downloads')
  await expect(new DownloadsPage(page).group('Done').getByText(TITLE)).toBeVisible({ timeout: 60_000 })
  const library = path.join(dataFolder, 'Library')
  const entries = await readdir(library, { recursive: true, withFileTypes: true })
  const file = entries.find((entry) => entry.isFile() && entry.name.endsWith('.wav'))
  const bytes = await readFile(path.join(file?.parentPath ?? '', file?.name ?? ''))
  expect(await shop.sells(createHash('sha256').update(bytes).digest('hex'))).toBe(true)
})

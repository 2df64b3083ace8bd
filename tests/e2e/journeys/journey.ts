import { type BrowserContext, test as base, expect, type Page } from '@playwright/test'
import { buildRenderer } from '../../../scripts/start/build-renderer.ts'
import { type App, startApp } from '../../_kit/start-app.ts'
import { type Shop, startShop } from '../../_kit/start-shop.ts'
import { CheckoutPage } from '../pages/checkout-page.ts'
import { CratePages } from '../pages/crate-pages.ts'
import { DevicesPage } from '../pages/devices-page.ts'
import { DownloadsPage } from '../pages/downloads-page.ts'
import { FramePage } from '../pages/frame-page.ts'
import { LibraryPage } from '../pages/library-page.ts'
import { StorePages } from '../pages/store-pages.ts'
import { watchPage } from '../pages/watched-page.ts'
import { WelcomePage } from '../pages/welcome-page.ts'

export { expect } from '@playwright/test'

export const PASSWORD = 'a long night in the booth'
/** What Chromium itself writes to the console when what was stopped on purpose does not answer. */
const HOST_AWAY = /net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)/
const OTHER_RUN = /status of 401 .*http/
const SHOP_AWAY = /status of 503 .*\/media\//

/** One tab with the page models over it. */
export interface Tab {
  readonly page: Page
  readonly frame: FramePage
  readonly welcome: WelcomePage
  readonly store: StorePages
  readonly checkout: CheckoutPage
  readonly downloads: DownloadsPage
  readonly library: LibraryPage
  readonly crates: CratePages
  readonly devices: DevicesPage
  /** Console errors, exceptions and reports of the content policy so far. */
  complaints(): readonly string[]
  /** From now on the host may be away, and after a restart it refuses the bearer of the former one. */
  mayLoseHost(): void
  /** From now on the shop may be away, and with it pictures and waveforms that were not seen before. */
  mayLoseShop(): void
}

export interface Person {
  readonly email: string
  readonly password: string
}

interface Journey {
  readonly app: App
  /** A tab at the link of the host, with nobody signed in. */
  readonly tab: Tab
  /** Somebody new, not signed up yet. */
  readonly person: Person
}

interface Everyone {
  readonly shop: Shop
}

/** Journeys through the real thing: server and host are processes, the interface is the built one in a real browser. Complaints of a page fail its test. */
export const test = base.extend<Journey, Everyone>({
  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from this pattern.
    async ({}, use) => {
      await buildRenderer()
      await using shop = await startShop()
      await use(shop)
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  app: async ({ shop }, use) => {
    await shop.start()
    await using app = await startApp(shop)
    await use(app)
  },
  // biome-ignore lint/correctness/noEmptyPattern: see above.
  person: async ({}, use) => {
    await use({ email: `${crypto.randomUUID().slice(0, 8)}@people.example`, password: PASSWORD })
  },
  tab: async ({ app, context }, use) => {
    const tab = await openTab(context, app.link())
    await use(tab)
    expect(tab.complaints()).toEqual([])
  },
})

/** A new tab of the browser, opened by a link of the host. */
export async function openTab(context: BrowserContext, link: string): Promise<Tab> {
  const page = await context.newPage()
  const { complaints } = watchPage(page)
  const pardoned: RegExp[] = []
  await page.goto(link)
  await page.getByRole('main').waitFor()
  return {
    page,
    frame: new FramePage(page),
    welcome: new WelcomePage(page),
    store: new StorePages(page),
    checkout: new CheckoutPage(page),
    downloads: new DownloadsPage(page),
    library: new LibraryPage(page),
    crates: new CratePages(page),
    devices: new DevicesPage(page),
    complaints: () => complaints.filter((text) => !pardoned.some((pattern) => pattern.test(text))),
    mayLoseHost: () => void pardoned.push(HOST_AWAY, OTHER_RUN),
    mayLoseShop: () => void pardoned.push(SHOP_AWAY),
  }
}

/** Signs a new person up and waits for the store. */
export async function signUp({ welcome, frame }: Tab, { email, password }: Person): Promise<void> {
  await welcome.signUp(email, password)
  await expect(frame.places).toBeVisible()
}

/** Searches for a track and opens its page. */
export async function openTrack({ frame, store }: Tab, title: string): Promise<void> {
  await frame.searchFor(title)
  await store.link(title).click()
  await expect(store.title()).toHaveText(title)
}

/** Pays on the sandbox page that the checkout links to, in a second tab, as a person would. */
export async function payInBrowser({ page, checkout }: Tab, outcome: 'Pay' | 'Decline' = 'Pay'): Promise<void> {
  const opened = page.waitForEvent('popup')
  await checkout.paymentLink.click()
  const vendor = await opened
  if (outcome !== 'Pay') await vendor.getByText('Try another outcome').click()
  await vendor.getByRole('button', { name: outcome === 'Pay' ? /^Pay ₹/ : outcome }).click()
  await vendor.waitForURL(/\/return\/payment/)
  await vendor.close()
}

/** Buys a track from its own page, up to the words that it is yours. */
export async function buyTrack(tab: Tab, title: string): Promise<void> {
  await openTrack(tab, title)
  await tab.store.buyButton(title).click()
  await tab.checkout.pay()
  await payInBrowser(tab)
  await expect(tab.checkout.state).toContainText('It is yours')
  await tab.checkout.close()
}

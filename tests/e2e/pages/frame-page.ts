import { expect, type Locator, type Page } from '@playwright/test'

export type Place = 'Store' | 'Library' | 'Downloads' | 'Crates' | 'Devices' | 'Settings'

/** What stands around every screen. */
export class FramePage {
  readonly page: Page
  readonly places: Locator
  readonly search: Locator
  readonly player: Locator
  readonly messages: Locator
  readonly content: Locator
  constructor(page: Page) {
    this.page = page
    this.places = page.getByRole('navigation', { name: 'Places' })
    this.search = page.getByRole('textbox', { name: 'Search the store' })
    this.player = page.getByRole('region', { name: 'Player' })
    this.messages = page.getByRole('region', { name: 'Messages' })
    this.content = page.getByRole('main')
  }

  /** Opens the app by a link of the host, and waits until it may speak to the core. */
  async open(link: string): Promise<void> {
    await this.page.goto(link)
    await this.networkStatus().waitFor({ state: 'attached' })
  }

  async goTo(place: Place): Promise<void> {
    const link = this.places.getByRole('link', { name: place }).first()
    await link.click()
    await expect(link).toHaveAttribute('aria-current', 'page')
  }

  async searchFor(query: string): Promise<void> {
    await this.search.fill(query)
    await this.search.press('Enter')
  }

  /** `Online` or `Offline`. */
  networkStatus(): Locator {
    return this.page.getByRole('banner').getByRole('status')
  }

  async signOut(): Promise<void> {
    await this.page.getByRole('button', { name: 'Account' }).click()
    await this.page.getByRole('menuitem', { name: 'Sign out' }).click()
  }
}

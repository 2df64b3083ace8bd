import type { Locator, Page } from '@playwright/test'

/** The devices of the account. */
export class DevicesPage {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  device(name: string): Locator {
    return this.page.getByRole('main').getByRole('listitem', { name, exact: true })
  }

  async rename(name: string, to: string): Promise<void> {
    await this.page.getByRole('button', { name: `Rename ${name}` }).click()
    await this.page.getByRole('textbox', { name: 'Name of the device' }).fill(to)
    await this.page.getByRole('button', { name: 'Save' }).click()
  }

  async remove(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Remove ${name}`, exact: true }).click()
  }
}

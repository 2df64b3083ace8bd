import type { Locator, Page } from '@playwright/test'

/** The queue. */
export class DownloadsPage {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  group(name: 'Needs you' | 'On its way' | 'Waiting' | 'Done'): Locator {
    return this.page.getByRole('region', { name, exact: true })
  }

  row(title: string): Locator {
    return this.page.getByRole('main').getByRole('listitem', { name: title, exact: true })
  }

  /** Its value is the percentage. */
  progress(title: string): Locator {
    return this.row(title).getByRole('progressbar')
  }

  handle(title: string): Locator {
    return this.row(title).getByRole('button', { name: `Move ${title}:` })
  }

  async pauseAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Pause all' }).click()
  }

  async continueAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Continue all' }).click()
  }
}

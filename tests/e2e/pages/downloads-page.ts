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

  /** A button of a row that goes by an icon. */
  control(title: string, word: 'Pause' | 'Continue'): Locator {
    return this.row(title).getByRole('button', { name: `${word} ${title}` })
  }

  menuButton(title: string): Locator {
    return this.row(title).getByRole('button', { name: `More for ${title}` })
  }

  /** Opens the menu of a row and chooses by its words, one after another where they open further ones. */
  async choose(title: string, ...words: readonly string[]): Promise<void> {
    await this.menuButton(title).press('Enter')
    for (const word of words) {
      await this.page
        .getByRole('menuitem', { name: word, exact: true })
        .or(this.page.getByRole('menuitemcheckbox', { name: word, exact: true }))
        .press('Enter')
    }
  }

  /** The titles of a group in their order. */
  titles(group: Parameters<DownloadsPage['group']>[0]): Promise<(string | null)[]> {
    return this.group(group)
      .getByRole('listitem')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('aria-label')))
  }

  /** Tells the limit that applies; opens to change it. */
  get speed(): Locator {
    return this.page.getByRole('button', { name: /^Speed limit:/ })
  }

  /** Where the limit is changed. */
  get speedChoice(): Locator {
    return this.page.getByRole('dialog', { name: 'Speed limit' })
  }

  get everything(): Locator {
    return this.page.getByRole('region', { name: 'Everything you own' })
  }

  async pauseAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Pause all' }).click()
  }

  async continueAll(): Promise<void> {
    await this.page.getByRole('button', { name: 'Continue all' }).click()
  }
}

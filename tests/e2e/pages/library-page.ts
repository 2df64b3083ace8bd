import type { Locator, Page } from '@playwright/test'

/** The table of what the account owns. */
export class LibraryPage {
  readonly page: Page
  readonly table: Locator
  readonly inspector: Locator
  readonly selection: Locator
  constructor(page: Page) {
    this.page = page
    this.table = page.getByRole('grid', { name: 'Library' })
    this.inspector = page.getByRole('complementary', { name: 'About the chosen track' })
    this.selection = page.getByRole('region', { name: 'Chosen tracks' })
  }

  row(title: string): Locator {
    return this.table.getByRole('row').filter({ hasText: title })
  }

  async choose(title: string, ...modifiers: ('Shift' | 'ControlOrMeta')[]): Promise<void> {
    await this.row(title).click({ position: { x: 200, y: 10 }, modifiers })
  }

  async play(title: string): Promise<void> {
    await this.row(title).dblclick({ position: { x: 200, y: 10 } })
  }

  async download(title: string): Promise<void> {
    await this.row(title)
      .getByRole('button', { name: `Download ${title}` })
      .click()
  }

  /** Removes the local file of a track; the account keeps owning it. */
  async removeFile(title: string): Promise<void> {
    await this.choose(title)
    await this.inspector.getByRole('button', { name: 'Remove file' }).click()
  }

  /** Reads all files again, and says what was found. */
  async checkFiles(): Promise<void> {
    await this.page.getByRole('button', { name: 'Verify and repair…' }).first().click()
    const dialog = this.page.getByRole('dialog', { name: 'Verify and repair' })
    await dialog.getByRole('button', { name: 'Check only' }).click()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
  }

  async searchFor(words: string): Promise<void> {
    await this.page.getByRole('searchbox', { name: 'Search the library' }).fill(words)
  }
}

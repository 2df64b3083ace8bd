import type { Locator, Page } from '@playwright/test'

/** The list of crates, one crate, and the folder browser. */
export class CratePages {
  readonly page: Page
  readonly tracks: Locator
  readonly syncLine: Locator
  readonly names: Locator
  readonly folderDialog: Locator
  constructor(page: Page) {
    this.page = page
    this.tracks = page.getByRole('list', { name: 'Tracks in order' }).getByRole('listitem')
    this.syncLine = page.getByRole('region', { name: 'Folder and sync' })
    this.names = page.getByRole('region', { name: 'File names' })
    this.folderDialog = page.getByRole('dialog', { name: /^Folder for / })
  }

  async create(name: string): Promise<void> {
    await this.page.getByRole('textbox', { name: 'Name of the new crate' }).fill(name)
    await this.page.getByRole('button', { name: 'Create crate' }).click()
    await this.page.getByRole('heading', { level: 1, name }).waitFor({ state: 'attached' })
  }

  /** Walks down the named folders and chooses the last one. */
  async chooseFolder(...names: readonly string[]): Promise<void> {
    await this.page.getByRole('button', { name: 'Choose a folder' }).click()
    for (const name of names) await this.folderDialog.getByRole('button', { name, exact: true }).click()
    await this.folderDialog.getByRole('button', { name: 'Choose this folder' }).click()
  }

  async sync(): Promise<void> {
    await this.syncLine.getByRole('button', { name: 'Sync' }).click()
  }
}

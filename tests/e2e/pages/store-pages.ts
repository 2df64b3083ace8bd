import type { Locator, Page } from '@playwright/test'

/** Store home, search results, and the pages of tracks, packs and DJs. */
export class StorePages {
  readonly page: Page
  readonly content: Locator
  constructor(page: Page) {
    this.page = page
    this.content = page.getByRole('main')
  }

  title(): Locator {
    return this.content.getByRole('heading', { level: 1 })
  }

  /** The link of a track, pack or DJ by its exact title. */
  link(title: string): Locator {
    return this.content.getByRole('link', { name: title, exact: true }).first()
  }

  results(): Locator {
    return this.content.getByRole('list', { name: 'Tracks' }).getByRole('listitem')
  }

  playButton(title: string): Locator {
    return this.content.getByRole('button', { name: `Play ${title}`, exact: true }).first()
  }

  previewButton(): Locator {
    return this.content.getByRole('button', { name: /^Play( preview)?$/ })
  }

  /** `Buy <price>: <title>`, on a card, a row or the page of the track itself. */
  buyButton(title: string): Locator {
    return this.content.getByRole('button', { name: new RegExp(`^Buy .+: ${escapeRegExp(title)}$`) }).first()
  }

  downloadButton(title: string): Locator {
    return this.content.getByRole('button', { name: `Download ${title}`, exact: true }).first()
  }

  openFolderButton(title: string): Locator {
    return this.content.getByRole('button', { name: new RegExp(`Open the folder of ${escapeRegExp(title)}$`) }).first()
  }
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

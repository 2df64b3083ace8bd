import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base, type ElectronApplication, _electron as electron, type Page } from '@playwright/test'
import { type Shop, startShop } from '../_kit/start-shop.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface Fixtures {
  readonly app: ElectronApplication
  readonly page: Page
  readonly dataFolder: string
}

interface WorkerFixtures {
  readonly shop: Shop
}

/** The real Electron over the built app and a shop in processes of their own. */
export const test = base.extend<Fixtures, WorkerFixtures>({
  shop: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of what a fixture needs from this pattern.
    async ({}, use) => {
      await using shop = await startShop()
      await use(shop)
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  // biome-ignore lint/correctness/noEmptyPattern: see above.
  dataFolder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-electron-'))
    await use(folder)
    await rm(folder, { recursive: true, force: true })
  },
  app: async ({ shop, dataFolder }, use) => {
    const isRoot = process.getuid?.() === 0
    const app = await electron.launch({
      args: [...(isRoot ? ['--no-sandbox'] : []), ROOT],
      cwd: ROOT,
      env: {
        ...(process.env as Record<string, string>),
        MIXMINT_DATA_DIR: dataFolder,
        MIXMINT_SERVER_URL: shop.address,
        MIXMINT_SECRET_STORE: 'file-vault',
      },
    })
    await use(app)
    await app.close()
  },
  page: async ({ app }, use) => {
    const page = await app.firstWindow()
    await page.waitForLoadState()
    await use(page)
  },
})

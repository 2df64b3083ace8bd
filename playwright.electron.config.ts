import { defineConfig } from '@playwright/test'

/** The smoke suite of the real Electron: `npm run test:electron`. */
export default defineConfig({
  testDir: 'tests/electron-app',
  outputDir: '.tmp/playwright-electron',
  forbidOnly: true,
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: '.tmp/playwright-electron.json' }]],
})

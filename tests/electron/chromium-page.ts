import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Browser, chromium, type Page } from '@playwright/test'
import type { Shell } from './start-shell.ts'

/** Chromium knows no `app:` scheme, so the page's own origin is this one on the way in and out. */
const STAND_IN = 'https://mixmint.app.test'
/** What Chromium says of `media:` addresses, which only Electron makes known to it. */
const UNKNOWN_SCHEME =
  /^Fetch API cannot load media:\/\/mixmint\/\S+ URL scheme "media" is not supported\.$|^Failed to load resource: net::ERR_FAILED$/
const EVENT_CHANNEL = 'mixmint:event'

/** The built page in a real Chromium, with the built preload script, over a shell under the fake Electron. */
export interface ChromiumPage extends AsyncDisposable {
  readonly page: Page
  /** Hands the page what the shell has sent to it since the last time. */
  deliverEvents(): Promise<void>
  /** Console errors, exceptions and failed requests so far, without those for `media:`, which only Electron makes known to Chromium. */
  complaints(): readonly string[]
}

export async function openChromiumPage(shell: Shell, builtFolder: string): Promise<ChromiumPage> {
  const browser: Browser = await chromium.launch({
    executablePath: process.env['MIXMINT_CHROMIUM'] ?? '/usr/bin/chromium',
  })
  const page = await browser.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' && !UNKNOWN_SCHEME.test(message.text())) complaints.push(message.text())
  })
  page.on('requestfailed', (request) => {
    if (!request.url().startsWith('media://mixmint/')) complaints.push(`${request.url()} failed`)
  })
  page.on('pageerror', (error) => complaints.push(error.message))

  await page.route('**/*', async (route) => {
    const address = route.request().url()
    if (!address.startsWith(`${STAND_IN}/`)) return await route.abort()
    const answer = await shell.request(address.replace(STAND_IN, 'app://mixmint'))
    await route.fulfill({
      status: answer?.status ?? 500,
      headers: answer?.headers ?? {},
      body: Buffer.from(answer?.body ?? []),
    })
  })
  await page.exposeBinding('invokeInShell', async ({ frame }, channel: string, args: unknown[]) => {
    const url = frame.url().replace(STAND_IN, 'app://mixmint')
    const isOwn = url.startsWith('app://mixmint/')
    return await shell.ask('invoke', {
      channel,
      args,
      url,
      origin: isOwn ? 'app://mixmint' : new URL(url).origin,
      isTop: frame.parentFrame() === null,
    })
  })
  await page.addInitScript({ content: preloadScript(await readFile(path.join(builtFolder, 'preload.cjs'), 'utf8')) })
  await page.goto(`${STAND_IN}/`)
  await shell.ask('loaded', null)

  let delivered = 0
  return {
    page,
    complaints: () => complaints,
    async deliverEvents() {
      const { sent } = await shell.record()
      for (const { channel, args } of sent.slice(delivered))
        if (channel === EVENT_CHANNEL) await page.evaluate((event) => Reflect.get(window, 'shellSends')(event), args[0])
      delivered = sent.length
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** The preload script in a function of its own, with the two modules of Electron that a sandboxed one gets. */
function preloadScript(source: string): string {
  return `(() => {
    const invoke = window.invokeInShell
    delete window.invokeInShell
    const listeners = []
    window.shellSends = (event) => { for (const listener of listeners) listener({ sender: 'hidden' }, event) }
    const electron = {
      ipcRenderer: { invoke: (channel, ...args) => invoke(channel, args), on: (_channel, listener) => listeners.push(listener) },
      contextBridge: { exposeInMainWorld: (name, value) => Object.defineProperty(window, name, { value: Object.freeze(value) }) },
    }
    const require = (name) => { if (name === 'electron') return electron; throw new Error('A sandboxed preload can not load ' + name) }
    const module = { exports: {} }
    ;(function (require, module, exports) { ${source}
    })(require, module, module.exports)
  })()`
}

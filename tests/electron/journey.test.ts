import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../contract/catalogue.ts'
import { commerce } from '../../contract/commerce.ts'
import { delivery } from '../../contract/delivery.ts'
import { fromReply } from '../../contract/errors.ts'
import { identity } from '../../contract/identity.ts'
import { type Shop, startShop } from '../_kit/start-shop.ts'
import { until } from '../_kit/until.ts'
import { buildShellForTests } from './built-shell.ts'
import { openChromiumPage } from './chromium-page.ts'
import { runBuild } from './run-build.ts'
import { type Shell, startShell } from './start-shell.ts'

const OUT = fileURLToPath(new URL('../../out/', import.meta.url))
const PASSWORD = 'a long night in the booth'
let built: Awaited<ReturnType<typeof buildShellForTests>>
let shop: Shop

beforeAll(async () => {
  if (!existsSync(`${OUT}renderer/index.html`)) runBuild('app.ts')
  built = await buildShellForTests()
  await rm(path.join(built.folder, 'renderer'), { recursive: true })
  await cp(`${OUT}renderer`, path.join(built.folder, 'renderer'), { recursive: true })
  shop = await startShop()
}, 180_000)

afterAll(async () => {
  await shop[Symbol.asyncDispose]()
  await built.remove()
})

async function shellOver(server: Shop): Promise<Shell> {
  const shell = await startShell({ built: built.folder, serverAddress: server.address })
  await shell.until(({ windows }) => windows.length === 1)
  await shell.ask('loaded', null)
  return shell
}

describe('the main job through the built shell', () => {
  test('R-DC-02: sign up, buy in the browser, come back by a link, and play the file that was downloaded', async () => {
    await using shell = await shellOver(shop)
    const call = async (name: string, input: unknown = {}) => fromReply(await shell.call(name, input))
    const state = await call(identity.signUp.name, { email: 'shell@people.example', password: PASSWORD })
    expect(identity.state.output.parse(state)).toMatchObject({ status: 'signed-in' })

    const { items } = catalogue.listTracks.output.parse(await call(catalogue.listTracks.name))
    const track = items.find(({ isFanOnly }) => !isFanOnly)
    expect(track).toBeDefined()
    const item = { contentType: 'track', contentId: track?.id }
    const payment = commerce.buy.output.parse(await call(commerce.buy.name, { items: [item] }))

    await call('app.openInBrowser', { address: payment.checkoutAddress })
    const { openedOutside } = await shell.record()
    expect(openedOutside).toEqual([payment.checkoutAddress])
    const paid = await fetch(openedOutside[0] ?? '', {
      method: 'POST',
      body: new URLSearchParams({ outcome: 'succeed' }),
      redirect: 'manual',
    })
    const link = paid.headers.get('location') ?? (await paid.text())
    const [address] = /mixmint:\/\/payment\/[0-9a-f-]{36}/.exec(link) ?? []
    expect(address).toBe(`mixmint://payment/${payment.id}`)

    await shell.ask('appEvent', { name: 'second-instance', args: [['mixmint', address], '/'] })
    await until('the download has ended', async () => {
      const { downloads } = delivery.list.output.parse(await call(delivery.list.name))
      return downloads[0]?.status === 'done'
    })
    const grants = await readdir(path.join(shell.dataFolder, 'Library'), { recursive: true, withFileTypes: true })
    const files = grants.filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    expect(files).toHaveLength(1)
    const file = await readFile(path.join(files[0]?.parentPath ?? '', files[0]?.name ?? ''))
    expect(await shop.sells(createHash('sha256').update(file).digest('hex'))).toBe(true)

    const part = await shell.request(`media://mixmint/track/${track?.id}`, { headers: { range: 'bytes=0-1023' } })
    expect(part?.status).toBe(206)
    expect(part?.body).toHaveLength(1024)
    const { sent } = await shell.record()
    expect(JSON.stringify(sent)).not.toMatch(/eyJ|token|secret/i)
  })

  test('R-DC-02 R-DC-05: the built page runs under the policy of the shell, signs up, and goes where the menu leads', async () => {
    await using shell = await shellOver(shop)
    await using chromium = await openChromiumPage(shell, built.folder)
    const { page } = chromium
    expect(await page.evaluate(() => Object.keys(Reflect.get(window, 'mixmint')).sort())).toEqual(['call', 'subscribe'])
    expect(
      await page.evaluate(() =>
        ['require', 'process', 'module', 'Buffer', 'ipcRenderer', 'electron'].filter((name) => name in window),
      ),
    ).toEqual([])

    await page.getByRole('button', { name: 'Create an account' }).click()
    await page.getByRole('textbox', { name: 'E-mail' }).fill('page@people.example')
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByRole('navigation', { name: 'Places' }).waitFor()

    await shell.ask('click', { label: 'Library' })
    await chromium.deliverEvents()
    await page.waitForURL(/#\/library$/)
    expect(chromium.complaints()).toEqual([])
  })
})

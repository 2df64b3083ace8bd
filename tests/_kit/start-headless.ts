import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Reply } from '../../contract/errors.ts'
import type { Ports } from '../../main/core/ports.ts'
import { createHeadlessHost, type HeadlessHost } from '../../main/hosts/headless/headless-host.ts'
import { type CoreUnderTest, startCore } from './start-core.ts'

export interface HeadlessUnderTest extends AsyncDisposable {
  readonly host: HeadlessHost
  readonly core: CoreUnderTest
  /** A bearer for a new tab. */
  openTab(secret?: string): Promise<string>
  /** A call as a tab makes it. */
  call(bearer: string, name: string, input?: unknown): Promise<Reply<unknown>>
}

/** The headless host on any free port over a core under test; its renderer is one page and one script. */
export async function startHeadless(options: Partial<Ports> = {}): Promise<HeadlessUnderTest> {
  const core = await startCore(options)
  const rendererFolder = path.join(core.folder, 'renderer')
  await mkdir(path.join(rendererFolder, 'assets'), { recursive: true })
  await writeFile(
    path.join(rendererFolder, 'index.html'),
    '<!doctype html><meta property="csp-nonce" nonce="__CSP_NONCE__">',
  )
  await writeFile(path.join(rendererFolder, 'assets/index-1.js'), 'export {}')
  const host = await createHeadlessHost(core.core, { ...core.ports, port: 0, rendererFolder })
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${host.address}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  return {
    host,
    core,
    async openTab(secret = host.links().launch.split('#link=')[1] ?? '') {
      const { bearer } = (await (await post('/session', { secret })).json()) as { bearer: string }
      return bearer
    },
    async call(bearer, name, input = {}) {
      const response = await post(`/call/${name}`, input, { authorization: `Bearer ${bearer}` })
      return (await response.json()) as Reply<unknown>
    },
    async [Symbol.asyncDispose]() {
      await host.close()
      await core[Symbol.asyncDispose]()
    },
  }
}

/**
 * `node bench/startup.ts [--content]`: seconds from `npm start`'s script to a usable store, first and later, and memory of each process.
 * With --content also the seconds until the first 12 and all demo tracks can be downloaded. Prints one JSON line at the end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from '@playwright/test'
import { findChromium } from '../scripts/find-chromium.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const RUNS = 5

interface Started {
  readonly child: ChildProcess
  readonly link: string
  readonly seconds: number
}

/** Starts everything and waits until the store answers with something to play. */
async function start(dataDir: string): Promise<Started> {
  const began = performance.now()
  const child = spawn(process.execPath, [path.join(ROOT, 'scripts/start.ts')], {
    cwd: ROOT,
    env: {
      ...process.env,
      MIXMINT_DATA_DIR: dataDir,
      MIXMINT_NO_OPEN: '1',
      MIXMINT_PORT: '0',
      MIXMINT_SERVER_PORT: '0',
      MIXMINT_LOG: 'silent',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk)
    if (said.includes('MixMint is ready')) break
  }
  const [link = ''] = /http:\S+#link=\S+/.exec(said) ?? []
  while ((await totalTracks(dataDir)) === 0) await pause()
  return { child, link, seconds: (performance.now() - began) / 1000 }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 50))

async function runFile(dataDir: string, name: string): Promise<{ address: string; pid: number }> {
  return JSON.parse(await readFile(path.join(dataDir, 'run', `${name}.json`), 'utf8'))
}

async function content(dataDir: string): Promise<{ readyTracks: number; totalTracks: number }> {
  const { address } = await runFile(dataDir, 'server')
  const response = await fetch(`${address}/api/app/serverInfo`)
  return ((await response.json()) as { content: { readyTracks: number; totalTracks: number } }).content
}

const totalTracks = async (dataDir: string): Promise<number> => (await content(dataDir)).totalTracks

async function stop({ child }: Started): Promise<void> {
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function megabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024)
}

async function tabMegabytes(link: string): Promise<number> {
  const browser = await chromium.launch({ executablePath: await findChromium() })
  const page = await browser.newPage()
  await page.goto(link)
  await page.getByRole('button', { name: 'Look around without an account' }).click()
  await page.getByRole('heading', { name: 'New releases' }).waitFor()
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? 0
  await browser.close()
  return Math.round(heap / 1024 / 1024)
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const round = (seconds: number): number => Math.round(seconds * 10) / 10

const firsts: number[] = []
const laters: number[] = []
for (let run = 0; run < RUNS; run += 1) {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'mixmint-bench-'))
  const first = await start(dataDir)
  firsts.push(first.seconds)
  await stop(first)
  const later = await start(dataDir)
  laters.push(later.seconds)
  await stop(later)
  await rm(dataDir, { recursive: true, force: true })
  console.log(`run ${run + 1}: first ${round(first.seconds)} s, later ${round(later.seconds)} s`)
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'mixmint-bench-'))
const began = performance.now()
const running = await start(dataDir)
let first12: number | null = null
let all: number | null = null
if (process.argv.includes('--content'))
  while (all === null) {
    const { readyTracks, totalTracks } = await content(dataDir)
    const seconds = round((performance.now() - began) / 1000)
    if (readyTracks >= 12) first12 ??= seconds
    if (readyTracks === totalTracks) all = seconds
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
const memory = {
  server_mb: await megabytes((await runFile(dataDir, 'server')).pid),
  host_mb: await megabytes((await runFile(dataDir, 'host')).pid),
  tab_heap_mb: await tabMegabytes(running.link),
}
await stop(running)
await rm(dataDir, { recursive: true, force: true })
console.log(
  JSON.stringify({
    first_s: round(median(firsts)),
    later_s: round(median(laters)),
    first12_s: first12,
    all_s: all,
    ...memory,
    runs: RUNS,
  }),
)

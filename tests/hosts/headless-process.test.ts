import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { filesBelow } from '../_kit/files-below.ts'
import { startScriptedServer } from '../_kit/scripted-server.ts'

const PROJECT = path.resolve(import.meta.dirname, '../..')

async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-process-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

function startProcess(env: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [path.join(PROJECT, 'main/hosts/headless/main.ts')], {
    env: {
      ...process.env,
      MIXMINT_PORT: '0',
      MIXMINT_SERVER_PORT: '0',
      MIXMINT_SECRET_STORE: 'memory',
      MIXMINT_SUPERVISED: '1',
      MIXMINT_NO_OPEN: '1',
      MIXMINT_SEED: 'none',
      MIXMINT_LOG: 'debug',
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  })
  return child
}

/** What it printed up to the end of its banner. */
async function printed(child: ChildProcessWithoutNullStreams): Promise<string> {
  let out = ''
  for await (const chunk of child.stdout) {
    out += String(chunk)
    if (out.includes('download <track> --wait\n')) return out
  }
  throw new Error(`it ended without a banner: ${out}${await text(child.stderr)}`)
}

async function exitCode(child: ChildProcessWithoutNullStreams): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

const readRun = async (data: string, name: string) => {
  const file = path.join(data, 'run', `${name}.json`)
  const { address, pid, secret } = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  return { address: String(address), pid: Number(pid), secret: String(secret), mode: (await stat(file)).mode & 0o777 }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('R-DC-17: without a server it starts one of its own, and both end when the supervisor does', async () => {
  const data = await dataFolder()
  const child = startProcess({ MIXMINT_DATA_DIR: data })
  const banner = await printed(child)
  const host = await readRun(data, 'host')
  const server = await readRun(data, 'server')
  expect([host.mode, server.mode]).toEqual([0o600, 0o600])
  expect(banner).toContain(`MixMint is ready: ${host.address}`)
  expect(banner).toMatch(/ssh -L \d+:127\.0\.0\.1:\d+/)
  expect((await fetch(`${server.address}/healthz`)).status).toBe(200)
  child.stdin.end()
  expect(await exitCode(child)).toBe(0)
  expect(isAlive(server.pid)).toBe(false)
  expect((await readdir(path.join(data, 'run'))).filter((name) => name.endsWith('.json'))).toEqual([])
})

test('R-DC-05: the link is on standard output alone, and works; no log and no file has its secret', async () => {
  const data = await dataFolder()
  await using server = await startScriptedServer()
  const child = startProcess({ MIXMINT_DATA_DIR: data, MIXMINT_SERVER_URL: server.address })
  const banner = await printed(child)
  const [, address = '', secret = ''] = /(http:\/\/127\.0\.0\.1:\d+)\/#link=([\w-]{43})/.exec(banner) ?? []
  const opened = await fetch(`${address}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ secret }),
  })
  const { bearer } = (await opened.json()) as { bearer: string }
  expect(opened.status).toBe(200)
  const { secret: commandSecret } = await readRun(data, 'host')
  child.kill('SIGTERM')
  const stderr = await text(child.stderr)
  expect(await exitCode(child)).toBe(0)
  const contents = (await filesBelow(data)).map(({ bytes }) => bytes.toString('latin1'))
  for (const canary of [secret, bearer, commandSecret]) expect([stderr, ...contents].join('\n')).not.toContain(canary)
})

test('a second app over the same data is refused with a sentence, and the first goes on', async () => {
  const data = await dataFolder()
  await using server = await startScriptedServer()
  const env = { MIXMINT_DATA_DIR: data, MIXMINT_SERVER_URL: server.address }
  const first = startProcess(env)
  await printed(first)
  const second = startProcess(env)
  expect(await text(second.stderr)).toBe('Another MixMint uses this data folder\n')
  expect(await exitCode(second)).toBe(2)
  expect((await fetch((await readRun(data, 'host')).address)).status).toBeLessThan(500)
})

test('after a kill the next start finds nothing in its way, and the same port again', async () => {
  const data = await dataFolder()
  await using server = await startScriptedServer()
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const wanted = typeof address === 'object' && address !== null ? address.port : 0
  onTestFinished(() => void taken.close())
  const env = { MIXMINT_DATA_DIR: data, MIXMINT_SERVER_URL: server.address, MIXMINT_PORT: String(wanted) }
  const first = startProcess(env)
  await printed(first)
  const before = await readRun(data, 'host')
  expect(before.address).not.toBe(`http://127.0.0.1:${wanted}`)
  first.kill('SIGKILL')
  await exitCode(first)
  await printed(startProcess(env))
  const after = await readRun(data, 'host')
  expect(after.address).toBe(before.address)
  expect(after.secret).not.toBe(before.secret)
})

test('a wrong setting is named, and nothing is started', async () => {
  const data = await dataFolder()
  const child = startProcess({
    MIXMINT_DATA_DIR: data,
    MIXMINT_SERVER_URL: 'http://store.example',
    MIXMINT_LOG: 'loud',
  })
  const stderr = await text(child.stderr)
  expect(stderr).toMatch(/MIXMINT_SERVER_URL/)
  expect(stderr).toMatch(/MIXMINT_LOG/)
  expect(await exitCode(child)).toBe(2)
  expect(await readdir(data)).toEqual([])
})

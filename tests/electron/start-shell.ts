import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Reply } from '../../contract/errors.ts'
import type { CommandName, Commands } from './fake/commands.ts'
import type { FakeOptions, Recorded } from './fake/record.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROCESS = fileURLToPath(new URL('./fake/process.ts', import.meta.url))
const POLL_MS = 20
const LONGEST_WAIT_MS = 20_000

/** A built shell in a process of its own, under the fake Electron. */
export interface Shell extends AsyncDisposable {
  /** Where everything of it lies; another shell may start over it. */
  readonly folder: string
  readonly dataFolder: string
  readonly pid: number
  ask<N extends CommandName>(name: N, input: Commands[N][0]): Promise<Commands[N][1]>
  /** A call of the app's own page. */
  call(name: string, input?: unknown): Promise<Reply<unknown>>
  request(url: string, init?: { method?: string; headers?: Record<string, string> }): Promise<Commands['request'][1]>
  record(): Promise<Recorded>
  /** Waits until the record holds what is looked for; throws after 20 s. */
  until(what: (record: Recorded) => boolean): Promise<Recorded>
  /** What the process printed as errors. */
  errorOutput(): string
}

interface ShellOptions extends Partial<FakeOptions> {
  /** The folder with the built `main.mjs`. */
  readonly built: string
  readonly args?: readonly string[]
  readonly env?: Record<string, string>
  /** What a package holds as `build/app-config.json`. */
  readonly appConfig?: unknown
  readonly folder?: string
  /** The server it is told of; one that nothing answers at by default. */
  readonly serverAddress?: string | null
}

/** Starts the shell in a temporary folder and waits until its main module has run. */
export async function startShell(options: ShellOptions): Promise<Shell> {
  const { built, args = [], env = {}, serverAddress = 'http://127.0.0.1:9', ...fake } = options
  const folder = options.folder ?? (await mkdtemp(path.join(tmpdir(), 'mixmint-shell-')))
  const appFolder = options.appConfig === undefined ? ROOT : path.join(folder, 'app')
  if (options.appConfig !== undefined) {
    await mkdir(path.join(appFolder, 'build'), { recursive: true })
    await writeFile(path.join(appFolder, 'build/app-config.json'), JSON.stringify(options.appConfig))
  }
  const dataFolder = fake.isPackaged === true ? path.join(folder, 'data') : folder
  const given: FakeOptions = {
    isPackaged: false,
    appFolder,
    userData: folder,
    switches: [],
    isSecond: false,
    pickedFolder: null,
    ...fake,
  }
  const child = fork(PROCESS, [path.join(built, 'main.mjs'), ...args], {
    execPath: process.execPath,
    execArgv: [],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      FAKE_ELECTRON: JSON.stringify(given),
      MIXMINT_DATA_DIR: folder,
      MIXMINT_SECRET_STORE: 'memory',
      ...(serverAddress === null ? {} : { MIXMINT_SERVER_URL: serverAddress }),
      ...env,
    },
  })
  let printed = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8')
  })
  const answers = answersOf(child)
  await Promise.race([
    answers.next(0),
    once(child, 'exit').then(() => Promise.reject(new Error(`The shell ended: ${printed}`))),
  ])

  let lastId = 0
  async function ask<N extends CommandName>(name: N, input: Commands[N][0]): Promise<Commands[N][1]> {
    lastId += 1
    const answer = answers.next(lastId)
    child.send({ id: lastId, name, input })
    return (await answer) as Commands[N][1]
  }
  const record = () => ask('record', null)

  return {
    folder,
    dataFolder,
    pid: child.pid ?? 0,
    ask,
    async call(name, input = {}) {
      const frame = { url: 'app://mixmint/', origin: 'app://mixmint', isTop: true }
      return (await ask('invoke', { channel: 'mixmint:call', args: [name, input], ...frame })) as Reply<unknown>
    },
    request: (url, { method = 'GET', headers = {} } = {}) => ask('request', { url, method, headers }),
    record,
    async until(what) {
      for (let waited = 0; waited < LONGEST_WAIT_MS; waited += POLL_MS) {
        const current = await record()
        if (what(current)) return current
        await new Promise((resolve) => setTimeout(resolve, POLL_MS))
      }
      throw new Error(`It did not come: ${JSON.stringify(await record())}\n${printed}`)
    },
    errorOutput: () => printed,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null) {
        const exited = once(child, 'exit')
        child.disconnect()
        await exited
      }
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Answer {
  readonly id: number
  readonly value?: unknown
  readonly error?: string
}

/** Pairs the answers of a child process with what it was asked. */
function answersOf(child: ChildProcess): { next(id: number): Promise<unknown> } {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  const slot = (id: number): PromiseWithResolvers<unknown> => {
    const known = waiting.get(id) ?? Promise.withResolvers<unknown>()
    waiting.set(id, known)
    return known
  }
  child.on('message', ({ id, value, error }: Answer) => {
    if (error === undefined) slot(id).resolve(value)
    else slot(id).reject(new Error(error))
  })
  return {
    async next(id) {
      const answer = await slot(id).promise
      waiting.delete(id)
      return answer
    },
  }
}

import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { app } from '../../contract/app.ts'
import type { Handlers } from '../../contract/call.ts'
import { AppError } from '../../contract/errors.ts'
import { callsByName } from '../../contract/index.ts'
import { systemRandom } from '../../main/adapters/system-random.ts'
import { createDoor } from '../../main/core/door.ts'
import type { LocalHandler, LocalHandlers } from '../../main/core/features.ts'
import { createManualClock } from '../_kit/manual-clock.ts'
import { type LogLine, recordingLog, startCore } from '../_kit/start-core.ts'

const noServer = async (): Promise<never> => {
  throw new AppError('offline')
}

function doorOver(handlers: LocalHandlers, { isStrict = true } = {}) {
  const lines: LogLine[] = []
  const door = createDoor({
    handlers: { app: handlers },
    serverCall: noServer,
    log: recordingLog(lines),
    random: systemRandom,
    isStrict,
  })
  return { door, lines }
}

const always =
  (answer: unknown): LocalHandler =>
  async () =>
    answer
const failing =
  (error: unknown): LocalHandler =>
  async () => {
    throw error
  }

test('every call that runs on this computer has a handler, and no other name is answered', async () => {
  await using core = await startCore()
  for (const definition of callsByName.values()) {
    if (definition.runs !== 'desktop') continue
    const reply = await core.core.call(definition.name, { no: 'such input', email: 3 })
    expect(reply, definition.name).not.toMatchObject({ error: { code: 'unknown-call' } })
  }
  for (const name of [
    '',
    'app',
    'app.',
    'app.nothing',
    'nothing.status',
    'app.__proto__',
    'app.constructor',
    '__proto__.status',
  ])
    expect(await core.core.call(name, {})).toMatchObject({ ok: false, error: { code: 'unknown-call' } })
})

test('R-DC-05: calls of the core alone are not there for a renderer: no raw token, no device registration, no checkout', async () => {
  await using core = await startCore()
  const kept = [...callsByName.values()].filter(({ audience }) => audience === 'core')
  expect(kept.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['delivery.init', 'identity.registerDevice', 'commerce.checkout', 'crates.saveRecord']),
  )
  for (const { name } of kept)
    expect(await core.core.call(name, {})).toMatchObject({ ok: false, error: { code: 'unknown-call' } })
})

test.each([
  [{ volume: 2 }, { volume: expect.any(String) }],
  [
    { theme: 'pink', parallelDownloads: 0 },
    { theme: expect.any(String), parallelDownloads: expect.any(String) },
  ],
  ['text', { '(input)': expect.any(String) }],
  [[], { '(input)': expect.any(String) }],
  [7, { '(input)': expect.any(String) }],
])('R-DC-05: input %j is refused with the fields that are wrong, before a handler sees it', async (input, errors) => {
  await using core = await startCore()
  const reply = await core.core.call('app.changeSettings', input)
  expect(reply).toMatchObject({ ok: false, error: { code: 'invalid-input', detail: { errors } } })
})

test('an expected failure keeps its code, message and detail', async () => {
  const { door, lines } = doorOver({ createFolder: failing(new AppError('folder-missing', 'Gone', { which: 'usb' })) })
  const reply = await door('app.createFolder', { parentId: 'x', name: 'y' })
  expect(reply).toEqual({ ok: false, error: { code: 'folder-missing', message: 'Gone', detail: { which: 'usb' } } })
  expect(lines).toEqual([])
})

test('R-DC-30: a bug shows a reference and nothing else; the log has the rest under that reference', async () => {
  const { door, lines } = doorOver({ getSettings: failing(new Error('secret token abc at /home/someone')) })
  const reply = await door('app.getSettings', {})
  expect(reply).toMatchObject({ ok: false, error: { code: 'internal', detail: { reference: expect.any(String) } } })
  expect(JSON.stringify(reply)).not.toMatch(/secret|home|stack/)
  const reference = reply.ok ? null : reply.error.detail?.['reference']
  expect(lines).toMatchObject([{ level: 'error', fields: { call: 'app.getSettings', reference } }])
})

test('what is thrown need not be an error', async () => {
  const { door } = doorOver({ getSettings: failing('text'), checkServer: failing(undefined), status: failing(null) })
  for (const name of ['app.getSettings', 'app.checkServer', 'app.status'])
    expect(await door(name, {})).toMatchObject({ ok: false, error: { code: 'internal' } })
})

test('while strict, a failure that the call does not declare and an answer that it does not allow are bugs', async () => {
  const handlers: LocalHandlers = {
    getSettings: failing(new AppError('already-owned')),
    checkServer: always({ isOnline: 'yes' }),
    dismissNotice: always({ done: true, token: 'abc' }),
  }
  const { door } = doorOver(handlers)
  expect(await door('app.getSettings', {})).toMatchObject({ error: { code: 'internal' } })
  expect(await door('app.checkServer', {})).toMatchObject({ error: { code: 'internal' } })
  expect(await door('app.dismissNotice', { code: 'x' })).toEqual({ ok: true, value: { done: true } })
  const lenient = doorOver(handlers, { isStrict: false })
  expect(await lenient.door('app.getSettings', {})).toMatchObject({ error: { code: 'already-owned' } })
})

test('a failure that every call may have needs no declaration', async () => {
  const { door } = doorOver({ getSettings: failing(new AppError('disk-error')) })
  expect(await door('app.getSettings', {})).toMatchObject({ error: { code: 'disk-error' } })
})

test('a missing, extra or wrong handler does not compile', () => {
  type AppHandlers = Handlers<typeof app, 'desktop', void>
  // @ts-expect-error a query without its answer
  const wrong: AppHandlers['checkServer'] = async () => ({})
  const right: AppHandlers['checkServer'] = async () => ({ isOnline: true })
  expect([wrong, right]).toHaveLength(2)
})

test('R-DC-24: a server that does not answer does not hold the first screen', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  onTestFinished(() => void silent.close())
  const clock = createManualClock()
  const connected = once(silent, 'connection')
  const core = await startCore({ clock, serverAddress: `http://127.0.0.1:${port}` })
  const status = core.call(app.status, {})
  const [socket] = (await connected) as [Socket]
  clock.advance(1_500)
  expect(await status).toMatchObject({ host: 'headless', demoAccounts: [] })
  socket.destroy()
  await core[Symbol.asyncDispose]()
})

/** Runs a built shell under the fake Electron and does what the parent process asks. Arguments: the built `main.mjs`, then those of the shell. */
import { pathToFileURL } from 'node:url'
import './hooks.ts'
import type { CommandName, Commands } from './commands.ts'

const { app, BrowserWindow, clicks, FakeEvent, guards, invokeHandlers, ipcMain, powerMonitor, record, schemeHandlers } =
  await import('./electron.ts')

type Doers = { [N in CommandName]: (input: Commands[N][0]) => Commands[N][1] | Promise<Commands[N][1]> }

function contents() {
  const window = BrowserWindow.open.at(-1)
  if (window === undefined) throw new Error('No window is open')
  return window.webContents
}

const doers: Doers = {
  async invoke({ channel, args, url, origin, isTop }) {
    const handler = invokeHandlers.get(channel)
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`)
    const sender = contents()
    const frame = isTop ? Object.assign(sender.mainFrame, { url, origin }) : { parent: sender.mainFrame, url, origin }
    return await handler({ sender, senderFrame: frame }, ...args)
  },
  appEvent({ name, args }) {
    const event = new FakeEvent()
    app.emit(name, event, ...args)
    return { wasPrevented: event.wasPrevented }
  },
  navigate({ name, url }) {
    const event = new FakeEvent(url)
    contents().emit(name, event)
    return { wasPrevented: event.wasPrevented }
  },
  openWindow({ url }) {
    return contents().openHandler?.({ url }) ?? { action: 'allow' }
  },
  async request({ url, method, headers }) {
    const handler = schemeHandlers.get(url.slice(0, url.indexOf(':')))
    if (handler === undefined) return null
    const answer = await handler(new Request(url, { method, headers }))
    const body = new Uint8Array(await answer.arrayBuffer())
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body }
  },
  leave({ url }) {
    let isAllowed = true
    guards.beforeRequest?.({ url }, ({ cancel = false }) => {
      isAllowed = !cancel
    })
    return { isAllowed }
  },
  permission({ name, origin }) {
    let isGranted = true
    guards.request?.(
      null,
      name,
      (is) => {
        isGranted = is
      },
      { requestingUrl: `${origin}/` },
    )
    let streams: object | null = null
    guards.display?.({}, (given) => {
      streams = given
    })
    return {
      request: isGranted,
      check: guards.check?.(null, name, origin) ?? true,
      device: guards.device?.() ?? true,
      display: streams === null || Object.keys(streams).length > 0,
    }
  },
  loaded() {
    contents().emit('did-finish-load')
    return null
  },
  closeWindow() {
    BrowserWindow.open.at(-1)?.close()
    return null
  },
  resume() {
    powerMonitor.emit('resume')
    return null
  },
  click({ label }) {
    const click = clicks.get(label)
    if (click === undefined) throw new Error(`No menu item ${label}`)
    click()
    return null
  },
  record: () => ({ ...record, channels: [...invokeHandlers.keys(), ...ipcMain.eventNames().map(String)] }),
}

interface Asked {
  readonly id: number
  readonly name: CommandName
  readonly input: never
}

process.on('message', ({ id, name, input }: Asked) => {
  const done = Promise.resolve().then(() => doers[name](input))
  void done.then(
    (value) => process.send?.({ id, value }),
    (error: unknown) => process.send?.({ id, error: String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))

const [, , main = ''] = process.argv
process.argv.splice(1, 2, main)
await import(pathToFileURL(main).href)
process.send?.({ id: 0, value: null })

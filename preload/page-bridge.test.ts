import { expect, test } from 'vitest'
import { createPageBridge } from './page-bridge.ts'

function bridgeOverFake() {
  const invoked: unknown[][] = []
  let send: (event: unknown, value: unknown) => void = () => {}
  const ipc = {
    invoke: async (...args: unknown[]) => void invoked.push(args),
    on: (channel: string, listener: typeof send) => {
      expect(channel).toBe('mixmint:event')
      send = listener
    },
  }
  const bridge = createPageBridge(ipc as never)
  return { bridge, invoked, send: (value: unknown) => send({ sender: 'an object of Electron' }, value) }
}

test('R-DC-05: the page gets two functions and no object of Electron', async () => {
  const { bridge, invoked, send } = bridgeOverFake()
  expect(Object.keys(bridge).sort()).toEqual(['call', 'subscribe'])
  await bridge.call('app.status', {})
  expect(invoked).toEqual([['mixmint:call', 'app.status', {}]])
  const heard: unknown[][] = []
  bridge.subscribe((...args: unknown[]) => heard.push(args))
  send({ type: 'library.changed' })
  expect(heard).toEqual([[{ type: 'library.changed' }]])
})

test('a listener that is stopped hears nothing more; the others still do', () => {
  const { bridge, send } = bridgeOverFake()
  const heard: string[] = []
  const stop = bridge.subscribe(() => heard.push('first'))
  bridge.subscribe(() => heard.push('second'))
  stop()
  send({ type: 'library.changed' })
  expect(heard).toEqual(['second'])
})

test('events that come before the page listens wait for it, the last fifty of them, once', () => {
  const { bridge, send } = bridgeOverFake()
  for (let number = 0; number < 60; number += 1) send(number)
  const heard: unknown[] = []
  bridge.subscribe((event) => heard.push(event))
  expect(heard).toEqual(Array.from({ length: 50 }, (_, index) => index + 10))
  bridge.subscribe((event) => heard.push(['late', event]))
  expect(heard).toHaveLength(50)
})

import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { closeBeforeQuit } from './close-before-quit.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** An app that quits as Electron does: it asks first. */
class FakeApp extends EventEmitter {
  hasQuit = false
  quit(): void {
    let wasPrevented = false
    this.emit('before-quit', { preventDefault: () => (wasPrevented = true) })
    this.hasQuit ||= !wasPrevented
  }
}

function appClosing(close: () => Promise<void>): FakeApp {
  const app = new FakeApp()
  closeBeforeQuit(app as never, close)
  return app
}

test('the app waits for what closes, which is asked once however often the user quits', async () => {
  const closed = Promise.withResolvers<void>()
  const close = vi.fn(() => closed.promise)
  const app = appClosing(close)
  app.quit()
  app.quit()
  await vi.advanceTimersByTimeAsync(5_000)
  expect([close.mock.calls.length, app.hasQuit]).toEqual([1, false])
  closed.resolve()
  await vi.advanceTimersByTimeAsync(0)
  expect([close.mock.calls.length, app.hasQuit]).toEqual([1, true])
})

test('what fails to close, or hangs for ten seconds, does not keep the app', async () => {
  const failing = appClosing(() => Promise.reject(new Error('no')))
  failing.quit()
  await vi.advanceTimersByTimeAsync(0)
  expect(failing.hasQuit).toBe(true)

  const hanging = appClosing(() => new Promise(() => {}))
  hanging.quit()
  await vi.advanceTimersByTimeAsync(9_999)
  expect(hanging.hasQuit).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(hanging.hasQuit).toBe(true)
})

import type { App } from 'electron'

/** How long closing may take, in ms, before the app ends all the same: downloads resume from their journal. */
const LONGEST_CLOSE_MS = 10_000

/** Lets `close` end before the app does; a second wish to quit does not start it again. */
export function closeBeforeQuit(app: Pick<App, 'on' | 'quit'>, close: () => Promise<void>): void {
  let state: 'open' | 'closing' | 'closed' = 'open'

  async function finish(): Promise<void> {
    const late = Promise.withResolvers<void>()
    const timer = setTimeout(late.resolve, LONGEST_CLOSE_MS)
    await Promise.race([close(), late.promise]).catch(() => {})
    clearTimeout(timer)
    state = 'closed'
    app.quit()
  }

  app.on('before-quit', (event) => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'closing') return
    state = 'closing'
    void finish()
  })
}

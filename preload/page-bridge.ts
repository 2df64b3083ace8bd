import type { IpcRenderer } from 'electron'
import type { Reply } from '../contract/errors.ts'

const CALL_CHANNEL = 'mixmint:call'
const EVENT_CHANNEL = 'mixmint:event'
/** How many events wait for a page that does not listen yet. */
const MOST_WAITING = 50

export interface PageBridge {
  call(name: string, input: unknown): Promise<Reply<unknown>>
  /** The answer stops it. */
  subscribe(listener: (event: unknown) => void): () => void
}

/** Calls and events over the app's two channels. Events that come before the first listener wait for it. */
export function createPageBridge(ipc: Pick<IpcRenderer, 'invoke' | 'on'>): PageBridge {
  const listeners = new Set<(event: unknown) => void>()
  let waiting: unknown[] = []
  ipc.on(EVENT_CHANNEL, (_event, event: unknown) => {
    if (listeners.size === 0) waiting = [...waiting, event].slice(-MOST_WAITING)
    for (const listener of listeners) listener(event)
  })
  return {
    call: (name, input) => ipc.invoke(CALL_CHANNEL, name, input),
    subscribe(listener) {
      // Wrapped, so that a listener hears the event alone, and one that is added twice is heard twice.
      const entry = (event: unknown): void => listener(event)
      listeners.add(entry)
      const missed = waiting
      waiting = []
      for (const event of missed) entry(event)
      return () => void listeners.delete(entry)
    },
  }
}

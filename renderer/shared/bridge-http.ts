import type { Reply } from '../../contract/errors.ts'
import type { Bridge } from './bridge.ts'
import { createMediaTickets } from './media-tickets.ts'
import { readJsonLines } from './ndjson.ts'

const RECONNECT_MS = 1000
const HOST_GONE: Reply<never> = {
  ok: false,
  error: { code: 'offline', message: 'MixMint is not running on this computer any more' },
}

/** The bridge in an ordinary browser, over the headless host's loopback HTTP. `onLocked` is told when the bearer is refused. */
export function httpBridge(bearer: string, onLocked: () => void): Bridge {
  const post = (path: string, body: unknown): Promise<Response> =>
    fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify(body),
    })

  return {
    async call(name, input) {
      const response = await post(`/call/${name}`, input).catch(() => null)
      if (response === null) return HOST_GONE
      if (response.status === 401) onLocked()
      return (await response.json()) as Reply<unknown>
    },

    subscribe(listener) {
      const stop = new AbortController()
      void follow(bearer, listener, stop.signal)
      return () => stop.abort()
    },

    mediaAddress: createMediaTickets(async (ids) => {
      const response = await post('/media-tickets', { ids })
      if (!response.ok) throw new Error(`The host refused media tickets: ${response.status}`)
      const { tickets } = (await response.json()) as { tickets: Record<string, string> }
      return Object.fromEntries(Object.entries(tickets).map(([id, ticket]) => [id, `/media/${ticket}/${id}`]))
    }),
  }
}

/** Reads the host's events until `signal` stops it, and connects again when the host was away. */
async function follow(bearer: string, listener: (event: unknown) => void, signal: AbortSignal): Promise<void> {
  let isFirst = true
  while (!signal.aborted) {
    try {
      const response = await fetch('/events', { headers: { authorization: `Bearer ${bearer}` }, signal })
      if (response.status === 401) return
      if (response.ok && response.body !== null) {
        // What happened while the stream was down is unknown: everything may have changed.
        if (!isFirst) listener({ type: 'stream.resumed' })
        isFirst = false
        for await (const event of readJsonLines(response.body)) listener(event)
      }
    } catch {
      // The host is away or the page is closing; the loop decides which.
    }
    await new Promise((resolve) => setTimeout(resolve, RECONNECT_MS))
  }
}

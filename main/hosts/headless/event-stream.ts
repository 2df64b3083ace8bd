import type { ServerResponse } from 'node:http'
import type { Core } from '../../core/ports.ts'

const HEARTBEAT_MS = 15_000
/** A reader that is this far behind (bytes) is cut off: it connects again and reads everything anew. */
const MOST_BEHIND = 1_048_576

/** Streams the core's events as JSON lines until the reader leaves; empty lines keep the connection alive. */
export function streamEvents(core: Core, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-ndjson' })
  response.write('\n')
  const stop = core.subscribe((event) => {
    response.write(`${JSON.stringify(event)}\n`)
    if (response.writableLength > MOST_BEHIND) response.destroy()
  })
  const heartbeat = setInterval(() => response.write('\n'), HEARTBEAT_MS)
  heartbeat.unref()
  response.once('close', () => {
    clearInterval(heartbeat)
    stop()
  })
}

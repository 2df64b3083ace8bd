import type { Readable } from 'node:stream'

/** Bytes that wait to be taken before the sender is held back, and those at which it may go on. */
const HIGH = 1 << 20
const LOW = 1 << 19

/** The chunks of a stream, each taken when the taker is ready. */
export interface BodyQueue {
  /** The next chunk; null at the end. Rejects with the stream's error, but only after every chunk that came before it. */
  next(): Promise<Buffer | null>
}

/** A stream that breaks forgets what it holds; this queue hands on all that has come, so that none of it has to come again. */
export function queueBody(stream: Readable): BodyQueue {
  const chunks: Buffer[] = []
  let bytes = 0
  let hasEnded = stream.readableEnded
  let failure: unknown = stream.errored ?? (stream.destroyed ? new Error('closed') : null)
  let wake = () => {}

  stream.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= HIGH) stream.pause()
    wake()
  })
  stream.once('end', () => {
    hasEnded = true
    wake()
  })
  stream.once('error', (error) => {
    failure ??= error
    wake()
  })
  stream.once('close', () => {
    if (!hasEnded) failure ??= new Error('closed')
    wake()
  })

  return {
    async next() {
      for (;;) {
        const chunk = chunks.shift()
        if (chunk !== undefined) {
          bytes -= chunk.length
          if (bytes <= LOW && stream.isPaused()) stream.resume()
          return chunk
        }
        if (hasEnded) return null
        if (failure !== null) throw failure
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
  }
}

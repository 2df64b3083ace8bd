import type { ServerResponse } from 'node:http'
import { AppError } from '../../contract/errors.ts'
import type { ByteAllowance } from './byte-allowance.ts'
import type { ByteSource } from './byte-source.ts'

/**
 * Sends a source as the body of a response whose head is written, each chunk once it is allowed, and ends the response after exactly
 * `length` bytes. Resolves when nothing of the source is in use any more, also when the client has gone away.
 * Throws `attempt-closed`, `storage-unavailable`; the response is cut then, so that no client takes it for the whole.
 */
export async function sendBytes(
  response: ServerResponse,
  source: ByteSource,
  allowance: ByteAllowance,
  length: number,
): Promise<void> {
  const onClose = (): void => source.cancel()
  response.once('close', onClose)
  try {
    let sent = 0
    for (;;) {
      const chunk = await source.next()
      if (chunk === null || response.destroyed) break
      await allowance.spend(chunk.length)
      await write(response, chunk)
      sent += chunk.length
    }
    if (response.destroyed) return
    if (sent !== length) throw new AppError('storage-unavailable')
    await new Promise<void>((resolve) => {
      response.once('close', resolve)
      response.end(resolve)
    })
  } catch (error) {
    if (response.destroyed) return
    response.destroy()
    throw error
  } finally {
    response.off('close', onClose)
    await source.close()
  }
}

/** Resolves when the system has taken the chunk, or the connection is gone: either way its buffer is free. */
function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('close', done)
      resolve()
    }
    if (response.destroyed) return resolve()
    response.once('close', done)
    response.write(chunk, done)
  })
}

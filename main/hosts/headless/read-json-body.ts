import type { IncomingMessage } from 'node:http'
import { AppError } from '../../../contract/errors.ts'

/** The largest body, in bytes. */
export const LARGEST_BODY = 1_048_576

/** The JSON of a request; an empty body is `{}`. Throws `malformed-request` (also for another content type) and `too-large`. */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new AppError('malformed-request', 'The body must be application/json')
  if (Number(request.headers['content-length'] ?? 0) > LARGEST_BODY) throw new AppError('too-large')
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LARGEST_BODY) throw new AppError('too-large')
    chunks.push(chunk)
  }
  if (size === 0) return {}
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    throw new AppError('malformed-request')
  }
}

import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AppError } from '../../../contract/errors.ts'
import type { MediaCache, Network } from '../needs.ts'
import type { Random } from '../ports.ts'
import { isUnreachable, toConnectionError } from '../server/connection-error.ts'
import type { AgentsFor } from '../server/proxy-agents.ts'
import { fileMedia } from './file-media.ts'
import { mediaType } from './media-type.ts'

const REF = /^(cover|preview|peaks|portrait)\/([0-9a-f]{64})$/
/** No public picture or preview is larger, in bytes. */
const LARGEST = 32 * 1024 * 1024

interface CacheNeeds {
  readonly folder: string
  readonly serverAddress: string | null
  readonly network: Network
  readonly agentsFor: AgentsFor
  readonly random: Random
}

/** Public media by hash: asked of the server once, checked against the hash that names them, kept for good. */
export function createMediaCache({ folder, serverAddress, network, agentsFor, random }: CacheNeeds): MediaCache {
  const pending = new Map<string, Promise<void>>()

  async function fetchTo(file: string, kind: string, sha256: string): Promise<void> {
    if (serverAddress === null) throw new AppError('offline', 'The address of the server is not known')
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    const part = `${file}.${random.uuid()}.part`
    try {
      await receive(`${serverAddress}/media/${kind}/${sha256}`, part, sha256, agentsFor)
      network.report('reached')
      await rename(part, file)
    } catch (error) {
      await rm(part, { force: true })
      if (error instanceof AppError && isUnreachable(error.code)) network.report('unreachable')
      throw error
    }
  }

  async function file(ref: string): Promise<string> {
    const [, kind, sha256] = REF.exec(ref) ?? []
    if (kind === undefined || sha256 === undefined) throw new AppError('not-found')
    const target = path.join(folder, sha256.slice(0, 2), sha256)
    if (await isFile(target)) return target
    let fetching = pending.get(sha256)
    if (fetching === undefined) {
      fetching = fetchTo(target, kind, sha256).finally(() => pending.delete(sha256))
      pending.set(sha256, fetching)
    }
    await fetching
    return target
  }

  return {
    file,
    async open(ref, range) {
      const target = await file(ref)
      const media = await fileMedia(target, { mimeType: await typeOf(target, ref), etag: path.basename(target) }, range)
      return { ...media, headers: { ...media.headers, 'cache-control': 'private, max-age=31536000, immutable' } }
    },
  }
}

/** Streams to `part`; throws `not-found`, `offline`, `corrupt-source` when the bytes are not those of the hash. */
async function receive(url: string, part: string, sha256: string, agentsFor: AgentsFor): Promise<void> {
  const agent = agentsFor(url)
  // Only who looks at media pays for its 30 MB of memory.
  const { default: got } = await import('got')
  const request = got.stream(url, {
    ...(agent === undefined ? {} : { agent }),
    followRedirect: false,
    decompress: false,
    retry: { limit: 0 },
    throwHttpErrors: false,
    headers: { 'accept-encoding': 'identity', 'user-agent': 'MixMint' },
    timeout: { connect: 10_000, secureConnect: 10_000, response: 20_000, socket: 20_000 },
  })
  let received = 0
  const hash = createHash('sha256')
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length
      hash.update(chunk)
      done(received > LARGEST ? new AppError('corrupt-source') : null, chunk)
    },
  })
  request.once('response', ({ statusCode }: { statusCode: number }) => {
    if (statusCode !== 200) request.destroy(new AppError(statusCode === 404 ? 'not-found' : 'offline'))
  })
  try {
    await pipeline(request, count, createWriteStream(part, { flags: 'wx', mode: 0o600 }))
  } catch (error) {
    throw ownErrorOf(error) ?? toConnectionError(error)
  }
  if (hash.digest('hex') !== sha256) throw new AppError('corrupt-source')
}

/** The failure that was given to a stream, which got wraps into one of its own. */
function ownErrorOf(error: unknown): AppError | null {
  if (error instanceof AppError) return error
  return error instanceof Error && error.cause instanceof AppError ? error.cause : null
}

async function isFile(target: string): Promise<boolean> {
  return await stat(target).then(
    (found) => found.isFile(),
    () => false,
  )
}

async function typeOf(target: string, ref: string): Promise<string> {
  const handle = await open(target, 'r')
  try {
    const { buffer } = await handle.read(Buffer.alloc(12), 0, 12, 0)
    return mediaType(ref.slice(0, ref.indexOf('/')), buffer)
  } finally {
    await handle.close()
  }
}

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { signatureFault } from './s3-signature.ts'

export interface S3Stub extends AsyncDisposable {
  readonly endpoint: string
  readonly bucket: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** What is stored, by key. */
  readonly objects: Map<string, Buffer>
  /** Method, key and S3 error code of each request that was refused. */
  readonly refusals: string[]
  /** While set, every request is answered with this status. */
  outage: number | null
}

const STATUS: Readonly<Record<string, number>> = {
  NoSuchKey: 404,
  NoSuchBucket: 404,
  PreconditionFailed: 412,
  InvalidRange: 416,
  NotImplemented: 501,
  XAmzContentSHA256Mismatch: 400,
}

/** A private bucket over HTTP: GET with a range, HEAD, PUT and DELETE, each with a valid signature; aws-chunked bodies are refused as R2 may. */
export async function startS3Stub(): Promise<S3Stub> {
  const bucket = 'mixmint-test'
  const credentials = { accessKeyId: 'AKIDSTUB', secretAccessKey: 'stub-secret-with/slashes+plus' }
  const objects = new Map<string, Buffer>()
  const refusals: string[] = []
  const state = { outage: null as number | null }
  const server = createServer((request, response) => {
    void answer(request, response)
  })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    if (state.outage !== null) return void response.writeHead(state.outage).end()
    const key = decodeURIComponent(new URL(request.url ?? '/', 'http://stub').pathname).replace(`/${bucket}/`, '')
    const refuse = (code: string): void => {
      refusals.push(`${request.method} ${key} ${code}`)
      const xml = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`
      response.writeHead(STATUS[code] ?? 403, { 'content-type': 'application/xml' })
      response.end(request.method === 'HEAD' ? undefined : xml)
    }
    const isChunked =
      String(request.headers['x-amz-content-sha256']).startsWith('STREAMING-') ||
      String(request.headers['content-encoding']).includes('aws-chunked')
    if (isChunked) return refuse('NotImplemented')
    const fault = signatureFault(request, body, credentials)
    if (fault !== null) return refuse(fault)
    if (!request.url?.startsWith(`/${bucket}/`)) return refuse('NoSuchBucket')
    const stored = objects.get(key)
    switch (request.method ?? '') {
      case 'PUT':
        if (request.headers['if-none-match'] === '*' && stored !== undefined) return refuse('PreconditionFailed')
        objects.set(key, body)
        return void response.writeHead(200, { etag: '"stub"' }).end()
      case 'DELETE':
        objects.delete(key)
        return void response.writeHead(204).end()
      case 'HEAD':
        if (stored === undefined) return refuse('NoSuchKey')
        return void response.writeHead(200, { 'content-length': stored.length, etag: '"stub"' }).end()
      case 'GET': {
        if (stored === undefined) return refuse('NoSuchKey')
        const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
        if (first === undefined || last === undefined)
          return void response.writeHead(200, { 'content-length': stored.length }).end(stored)
        if (Number(first) >= stored.length) return refuse('InvalidRange')
        const piece = stored.subarray(Number(first), Number(last) + 1)
        const range = `bytes ${first}-${Number(first) + piece.length - 1}/${stored.length}`
        return void response.writeHead(206, { 'content-length': piece.length, 'content-range': range }).end(piece)
      }
      default:
        return refuse('NotImplemented')
    }
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bucket,
    ...credentials,
    objects,
    refusals,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface CuttingProxy extends AsyncDisposable {
  readonly address: string
  /** Bytes of files that went to the client so far. */
  bytes(): number
  /** Targets of file requests that got bytes, oldest first: each holds a used token. */
  readonly fileTargets: readonly string[]
  /** Cuts every connection once `limit` bytes of files have passed, and lets none through until `mend()`; the promise ends with the cut. */
  cutAfter(limit: number): Promise<void>
  mend(): void
}

const FILE_PATH = '/api/download/file'

/** An HTTP proxy on this computer that counts the bytes of files and cuts connections in the middle of one. */
export async function startCuttingProxy(upstream: string): Promise<CuttingProxy> {
  const target = new URL(upstream)
  const fileTargets: string[] = []
  let bytes = 0
  let limit = Number.POSITIVE_INFINITY
  let isCut = false
  let whenCut = (): void => undefined

  function cut(): void {
    isCut = true
    server.closeAllConnections()
    whenCut()
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    if (isCut) return void request.socket.destroy()
    const { hostname, port } = target
    const onward = httpRequest(
      { hostname, port, method: request.method, path: request.url, headers: request.headers },
      (upstreamResponse) => {
        const isFile = (request.url ?? '').startsWith(FILE_PATH) && (upstreamResponse.statusCode ?? 500) < 300
        if (isFile) fileTargets.push(request.url ?? '')
        response.writeHead(upstreamResponse.statusCode ?? 502, upstreamResponse.rawHeaders)
        upstreamResponse.on('data', (chunk: Buffer) => {
          if (isFile) bytes += chunk.length
          // At the client's pace, so that what is counted has nearly reached it.
          if (!response.write(chunk)) {
            upstreamResponse.pause()
            response.once('drain', () => upstreamResponse.resume())
          }
          if (isFile && bytes >= limit) cut()
        })
        upstreamResponse.once('end', () => response.end())
        upstreamResponse.once('error', () => response.destroy())
        response.once('close', () => upstreamResponse.destroy())
      },
    )
    onward.once('error', () => response.destroy())
    request.pipe(onward)
  }

  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => bytes,
    fileTargets,
    cutAfter(wanted) {
      limit = wanted
      return new Promise((resolve) => {
        whenCut = resolve
      })
    },
    mend() {
      limit = Number.POSITIVE_INFINITY
      isCut = false
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

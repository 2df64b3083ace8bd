import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Children, endOf, messageOf } from './children.ts'

/** Serves the files of a folder on this computer to every program alike. */
export interface StaticServer extends AsyncDisposable {
  readonly kind: 'nginx' | 'plain'
  readonly address: string
  /** Bytes that went over its connections so far, both ways, headers included. */
  wireBytes(): Promise<number>
}

interface Served {
  /** Absolute; every file in it is served under its name. */
  readonly root: string
  /** The name of the file that answers requests for bytes of a download, whatever their token. */
  readonly download: string
  /** Absolute, for the server's own files. */
  readonly workFolder: string
}

const PLAIN = fileURLToPath(new URL('plain-server.ts', import.meta.url))
const LONGEST_START_MS = 10_000
const LOOK_EVERY_MS = 20

/** Starts nginx, or where that is missing a small server of this project, which is slower and said to be so. */
export async function startStaticServer(
  children: Children,
  nginx: string | null,
  served: Served,
): Promise<StaticServer> {
  await mkdir(served.workFolder, { recursive: true })
  return nginx === null ? await startPlain(children, served) : await startNginx(children, nginx, served)
}

async function startNginx(children: Children, nginx: string, served: Served): Promise<StaticServer> {
  const { workFolder } = served
  const port = await freePort()
  const config = path.join(workFolder, 'nginx.conf')
  const log = path.join(workFolder, 'access.log')
  await writeFile(config, nginxConfig(served, port, log))
  const errors = path.join(workFolder, 'error.log')
  const child = children.spawn(nginx, ['-p', workFolder, '-e', errors, '-c', config], { stdio: 'ignore' })
  const address = `http://127.0.0.1:${port}`
  await answering(address, () => child.exitCode !== null).catch(async () => {
    throw new Error(`nginx did not start: ${await readFile(errors, 'utf8').catch(() => 'no reason given')}`)
  })
  return {
    kind: 'nginx',
    address,
    async wireBytes() {
      const numbers = (await readFile(log, 'utf8')).match(/\d+/g) ?? []
      return numbers.reduce((sum, number) => sum + Number(number), 0)
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await endOf(child)
    },
  }
}

/** Sends with `sendfile` from one process, so that nothing is left when that is ended; every figure of its log is a number of bytes. */
function nginxConfig({ root, download, workFolder }: Served, port: number, log: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${workFolder}/${name};`)
    .join(' ')
  return `daemon off; master_process off; pid ${workFolder}/nginx.pid;
events { worker_connections 256; }
http {
  log_format bytes '$bytes_sent $request_length'; access_log ${log} bytes;
  default_type application/octet-stream; sendfile on; tcp_nopush on; keepalive_timeout 65; keepalive_requests 1000000; ${temporary}
  server { listen 127.0.0.1:${port}; root ${root}; location = /api/download/file { rewrite ^ /${download} break; } }
}
`
}

async function startPlain(children: Children, { root, download }: Served): Promise<StaticServer> {
  const child = children.fork(PLAIN, [root, download])
  const address = String(await messageOf(child, LONGEST_START_MS))
  return {
    kind: 'plain',
    address,
    async wireBytes() {
      child.send('bytes')
      return Number(await messageOf(child, LONGEST_START_MS))
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await endOf(child)
    },
  }
}

async function answering(address: string, hasEnded: () => boolean): Promise<void> {
  for (const began = performance.now(); performance.now() - began < LONGEST_START_MS && !hasEnded(); ) {
    const answer = await fetch(`${address}/`, { method: 'HEAD' }).catch(() => null)
    if (answer !== null) return
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
  throw new Error('no answer')
}

/** A port of this computer that nothing listens on now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('There is no free port')
  return address.port
}

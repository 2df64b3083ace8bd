import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import path from 'node:path'

const BINARY = '/usr/sbin/nginx'

export interface Nginx extends AsyncDisposable {
  readonly origin: string
}

/** nginx over a folder, one worker; null where it is not installed (`apt-get install nginx-light`). */
export async function startNginx(work: string, root: string): Promise<Nginx | null> {
  if (!existsSync(BINARY)) return null
  const port = await freePort()
  const folder = path.join(work, 'nginx')
  await mkdir(folder, { recursive: true })
  await chmod(work, 0o755)
  const config = path.join(folder, 'nginx.conf')
  await writeFile(
    config,
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
${process.getuid?.() === 0 ? 'user root;' : ''}
events { worker_connections 256; }
http { access_log off; sendfile on; tcp_nopush on; client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b;
  fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server { listen 127.0.0.1:${port}; root ${root}; } }`,
  )
  const child = spawn(BINARY, ['-c', config, '-e', `${folder}/error.log`], { stdio: 'inherit' })
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error('nginx ended')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    origin: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('No port')
  return address.port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

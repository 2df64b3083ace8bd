import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { LOGIN_ROLE } from '../../../server/db/login-role.ts'
import type { TestDatabase } from '../../_kit/databases.ts'
import { withDatabase } from '../../_kit/postgres-url.ts'
import type { DeliveryServer } from './delivery-server.ts'

export interface ServerProcess extends AsyncDisposable {
  /** The same database and store as of the server it was started beside, at the process's own address. */
  readonly server: DeliveryServer
  /** Ends it as a power cut does. */
  kill(): Promise<void>
}

/** Another server process on the database and the store of `server`, whose clock stands where that one's stands now. */
export async function startProcess(
  { url }: TestDatabase,
  server: DeliveryServer & { readonly objectsFolder: string },
): Promise<ServerProcess> {
  if (url === null) throw new Error('Another process needs a database with an address')
  const child = fork(
    fileURLToPath(new URL('server-process.ts', import.meta.url)),
    [withDatabase(url, new URL(url).pathname.slice(1), LOGIN_ROLE), server.objectsFolder, String(server.clock.now())],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  const [origin] = (await once(child, 'message')) as [string]
  return { server: { ...server, origin }, kill, [Symbol.asyncDispose]: kill }
}

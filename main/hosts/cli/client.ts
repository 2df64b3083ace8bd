import type { Folder } from '../../../contract/app.ts'
import { AppError, type Reply, toReply } from '../../../contract/errors.ts'
import { appVersion } from '../../adapters/app-version.ts'
import { attachServer } from '../../adapters/attach-server.ts'
import type { DesktopConfig } from '../../adapters/desktop-config.ts'
import { noShell } from '../../adapters/no-shell.ts'
import { openPorts } from '../../adapters/open-ports.ts'
import { type RunFile, readLiveRunFile } from '../../adapters/run-file.ts'
import { createCore } from '../../core/core.ts'

/** The core as the command line reaches it: in a running host, or held by this process itself. */
export interface Client {
  /** Never throws. */
  call(name: string, input: unknown): Promise<Reply<unknown>>
  /** The id of a folder that the user named by its absolute path. */
  folder(path: string): Promise<Folder>
  /** True when the core goes on working after this command: then downloads go on too. */
  readonly isHostRunning: boolean
  /** The folder that relative paths start from. */
  readonly workingFolder: string
  close(): Promise<void>
}

/** Attaches to the host that runs over the data folder, else holds the core for this command. Throws `data-in-use` and others of opening. */
export async function openClient(config: DesktopConfig, projectFolder: string): Promise<Client> {
  const host = await readLiveRunFile(config.dataFolder, 'host')
  return host === null ? await holdCore(config, projectFolder) : await attachToHost(host, config)
}

async function attachToHost({ address, secret }: RunFile, { workingFolder }: DesktopConfig): Promise<Client> {
  const { bearer } = (await (await post(`${address}/session`, { secret })).json()) as { bearer: string }

  async function send(path: string, body: unknown): Promise<Reply<unknown>> {
    const response = await post(`${address}${path}`, body, bearer)
    return (await response.json()) as Reply<unknown>
  }

  return {
    isHostRunning: true,
    workingFolder,
    call: async (name, input) => await toReplyOf(() => send(`/call/${name}`, input)),
    async folder(path) {
      const reply = await send('/folders', { path })
      if (!reply.ok) throw new AppError(reply.error.code, reply.error.message)
      return reply.value as Folder
    },
    close: async () => {},
  }
}

async function post(address: string, body: unknown, bearer?: string): Promise<Response> {
  const response = await fetch(address, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    body: JSON.stringify(body),
    redirect: 'error',
  }).catch((error: unknown) => {
    throw new AppError('offline', 'MixMint on this computer does not answer', undefined, { cause: error })
  })
  if (response.status === 401 || (bearer === undefined && !response.ok))
    throw new AppError('not-allowed', 'MixMint on this computer refuses this command line')
  return response
}

async function toReplyOf(work: () => Promise<Reply<unknown>>): Promise<Reply<unknown>> {
  const outer = await toReply(work, () => 'command-line')
  return outer.ok ? outer.value : outer
}

async function holdCore(config: DesktopConfig, projectFolder: string): Promise<Client> {
  const server = await attachServer(config, projectFolder)
  try {
    const { ports, release } = await openPorts(config, {
      host: 'cli',
      version: appVersion(projectFolder),
      serverAddress: server.address,
      returnTo: {
        auth: `http://127.0.0.1:${config.port}/return/auth`,
        payment: `http://127.0.0.1:${config.port}/return/payment`,
      },
      shell: noShell,
    })
    const core = await createCore(ports, { isStrict: config.mode === 'local' })
    return {
      isHostRunning: false,
      workingFolder: config.workingFolder,
      call: core.call,
      folder: async (path) => core.rememberFolder(path),
      async close() {
        await core.close()
        release()
        await server.stop()
      },
    }
  } catch (error) {
    await server.stop()
    throw error
  }
}

import path from 'node:path'
import { app } from '../../../contract/app.ts'
import { AppError } from '../../../contract/errors.ts'
import { appVersion } from '../../adapters/app-version.ts'
import { attachServer } from '../../adapters/attach-server.ts'
import { createBrowserShell } from '../../adapters/browser-shell.ts'
import { chooseHostPort } from '../../adapters/choose-port.ts'
import { type DesktopConfig, readDesktopConfig } from '../../adapters/desktop-config.ts'
import { endWithSupervisor } from '../../adapters/end-with-supervisor.ts'
import { noShell } from '../../adapters/no-shell.ts'
import { openPorts } from '../../adapters/open-ports.ts'
import { writeRunFile } from '../../adapters/run-file.ts'
import { createCore } from '../../core/core.ts'
import { banner } from './banner.ts'
import { createHeadlessHost } from './headless-host.ts'

const PROJECT = path.resolve(import.meta.dirname, '../../..')

async function serve(config: DesktopConfig): Promise<void> {
  const server = await attachServer(config, PROJECT)
  // The core names the return address, so the port is chosen before anything listens on it.
  const port = await chooseHostPort(config.dataFolder, config.port)
  const { ports, release } = await openPorts(config, {
    host: 'headless',
    version: appVersion(PROJECT),
    serverAddress: server.address,
    returnTo: {
      auth: `http://127.0.0.1:${port}/return/auth`,
      payment: `http://127.0.0.1:${port}/return/payment`,
    },
    shell: noShell,
  })
  const core = await createCore(ports, { isStrict: config.mode === 'local' })
  const host = await createHeadlessHost(core, { ...ports, port, rendererFolder: path.join(PROJECT, 'out/renderer') })
  const removeRunFile = await writeRunFile(config.dataFolder, 'host', {
    address: host.address,
    pid: process.pid,
    secret: host.commandSecret,
  })
  endWithSupervisor(config.isSupervised, async () => {
    await removeRunFile()
    await host.close()
    await core.close()
    release()
    await server.stop()
    process.exit(0)
  })
  const status = await core.call(app.status.name, {})
  const { demoAccounts } = status.ok ? app.status.output.parse(status.value) : { demoAccounts: [] }
  const { launch, once } = host.links()
  const wasOpened = config.mayOpenBrowser && (await createBrowserShell(process.env).openAddress(once))
  process.stdout.write(banner({ address: host.address, link: launch, demoAccounts, wasOpened }))
}

try {
  await serve(readDesktopConfig(process.env, PROJECT))
} catch (error) {
  const isExpected = error instanceof AppError
  process.stderr.write(`${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exit(isExpected ? 2 : 1)
}

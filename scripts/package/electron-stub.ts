import { readFileSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Leaves with this code when somebody starts it. */
const SCRIPT = '#!/bin/sh\necho "This is a stand-in for the executable of Electron." >&2\nexit 70\n'

/** Writes the files of an Electron distribution for Linux into `folder`, with an executable that only says that it is none. */
export async function writeElectronStub(folder: string, projectFolder: string): Promise<void> {
  const { version } = JSON.parse(
    readFileSync(path.join(projectFolder, 'node_modules/electron/package.json'), 'utf8'),
  ) as { version: string }
  await rm(folder, { recursive: true, force: true })
  await mkdir(path.join(folder, 'locales'), { recursive: true })
  await mkdir(path.join(folder, 'resources'))
  await writeFile(path.join(folder, 'electron'), SCRIPT, { mode: 0o755 })
  await writeFile(path.join(folder, 'version'), version)
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'chrome-sandbox', 'locales/en-US.pak'])
    await writeFile(path.join(folder, name), '')
}

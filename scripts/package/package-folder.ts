import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { electronExecutable } from '../start/electron-executable.ts'
import { writeElectronStub } from './electron-stub.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface PackagedFolder {
  readonly folder: string
  /** The folder with `app.asar`. */
  readonly resources: string
  readonly isStub: boolean
}

/**
 * Packages the built app as a folder: with Electron's executable where it is installed, else, or when asked to, with a stub that can not run.
 * Throws with electron-builder's own words when it fails.
 */
export async function packageFolder({
  stub = false,
  output,
}: {
  stub?: boolean
  output?: string
}): Promise<PackagedFolder> {
  const executable = stub ? null : electronExecutable()
  const isStub = executable === null
  if (isStub) await writeElectronStub(path.join(ROOT, '.tmp/electron-stub'), ROOT)
  const folder = output ?? path.join(ROOT, isStub ? '.tmp/package' : 'release')
  await rm(folder, { recursive: true, force: true })
  const platform =
    isStub || process.platform === 'linux' ? '--linux' : process.platform === 'darwin' ? '--mac' : '--win'
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/electron-builder/cli.js'),
      ...[platform, 'dir', '--publish', 'never', `-c.directories.output=${folder}`],
      ...(isStub
        ? ['-c', 'electron-builder.ci.yml']
        : ['-c', 'electron-builder.yml', `-c.electronDist=${path.dirname(executable)}`]),
    ],
    { cwd: ROOT, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`electron-builder failed (exit code ${status}):\n${stdout}\n${stderr}`)
  return { folder, resources: await resourcesIn(folder), isStub }
}

async function resourcesIn(folder: string): Promise<string> {
  for (const name of await readdir(folder, { recursive: true }))
    if (path.basename(name) === 'app.asar' && existsSync(path.join(folder, name)))
      return path.dirname(path.join(folder, name))
  throw new Error(`There is no app.asar in ${folder}`)
}

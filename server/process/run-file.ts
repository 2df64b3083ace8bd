import { mkdirSync, rmSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** How other commands on this computer find a live process: where it listens, and its process id. */
export interface RunFile {
  readonly address: string
  readonly pid: number
}

/** Writes `<dataDir>/run/<name>.json` (0600), whole or not at all; the answer removes it. */
export async function writeRunFile(dataDir: string, name: string, facts: RunFile): Promise<() => void> {
  const folder = path.join(dataDir, 'run')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = path.join(folder, `${name}.json`)
  await writeFile(`${file}.tmp`, JSON.stringify(facts), { mode: 0o600 })
  await rename(`${file}.tmp`, file)
  return () => rmSync(file, { force: true })
}

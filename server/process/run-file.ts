import { mkdirSync, rmSync } from 'node:fs'
import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

const RunFile = z.object({ address: z.url(), pid: z.int(), secret: z.string() })
/** How other commands of the same user find a live process: where it listens, its process id, and a secret of this run. */
export type RunFile = z.infer<typeof RunFile>

const fileOf = (dataDir: string, name: string): string => path.join(dataDir, 'run', `${name}.json`)

/** Writes `<dataDir>/run/<name>.json` (0600), whole or not at all; the answer removes it. */
export async function writeRunFile(dataDir: string, name: string, facts: RunFile): Promise<() => void> {
  const file = fileOf(dataDir, name)
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  await writeFile(`${file}.tmp`, JSON.stringify(facts), { mode: 0o600 })
  await rename(`${file}.tmp`, file)
  return () => rmSync(file, { force: true })
}

/** The run file of a process that is alive; null when there is none, or its process has died. */
export async function readLiveRunFile(dataDir: string, name: string): Promise<RunFile | null> {
  const text = await readFile(fileOf(dataDir, name), 'utf8').catch(() => null)
  if (text === null) return null
  const parsed = RunFile.safeParse(parseJson(text))
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

import { mkdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { writeFileDurably } from './write-file-durably.ts'

const RunFile = z.object({ address: z.url(), pid: z.int().positive(), secret: z.string() })
/** How other commands of the same user find a live process: where it listens, its process id, and a secret of this run. */
export type RunFile = z.infer<typeof RunFile>

/** Writes `<data>/run/<name>.json` (0600); the answer removes it. */
export async function writeRunFile(dataFolder: string, name: string, facts: RunFile): Promise<() => Promise<void>> {
  const file = fileOf(dataFolder, name)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  await writeFileDurably(file, JSON.stringify(facts))
  return async () => await rm(file, { force: true })
}

/** The run file of a process that is alive; null when there is none or its process has died. */
export async function readLiveRunFile(dataFolder: string, name: string): Promise<RunFile | null> {
  const text = await readFile(fileOf(dataFolder, name), 'utf8').catch(() => '')
  const parsed = z.preprocess(parseJson, RunFile).safeParse(text)
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null
}

function fileOf(dataFolder: string, name: string): string {
  return path.join(dataFolder, 'run', `${name}.json`)
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
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

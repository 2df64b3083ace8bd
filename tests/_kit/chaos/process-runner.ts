import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import type { Dice } from './dice.ts'

/** How a process dies: at a named point of its work, counted from its start, or some ms after it took up its queue. */
export type Doom =
  | { readonly kind: 'disk'; readonly operation: string; readonly nth: number; readonly side: 'before' | 'after' }
  | { readonly kind: 'commit'; readonly nth: number; readonly side: 'before' | 'after' }
  | { readonly kind: 'after-ms'; readonly ms: number }

/** The named points, with how many of each a short life may hold. */
const OPERATIONS: Readonly<Record<string, number>> = {
  open: 24,
  write: 240,
  sync: 8,
  link: 3,
  unlink: 10,
  rename: 4,
  mkdir: 3,
  close: 24,
}
const MOST_COMMITS = 60
const LONGEST_MS = 250

export function rollDoom(roll: Dice): Doom {
  const side = roll.pick(['before', 'after'] as const)
  if (roll.chance(0.3)) return { kind: 'after-ms', ms: roll.below(LONGEST_MS) }
  if (roll.chance(0.4)) return { kind: 'commit', nth: roll.between(1, MOST_COMMITS), side }
  const operation = roll.pick(Object.keys(OPERATIONS))
  return { kind: 'disk', operation, nth: roll.between(1, OPERATIONS[operation] ?? 1), side }
}

export interface Outcome {
  /** It died as it was doomed to; otherwise it came to the end of its work. */
  readonly wasKilled: boolean
  /** Contents whose place in the queue it has promised. */
  readonly queued: readonly string[]
}

const PROGRAM = path.join(import.meta.dirname, 'doomed-process.ts')

/** Runs one process over the data in `folder` until it dies or is done. Throws when it ends in any other way. */
export async function runDoomed(
  { folder, address, cache }: { readonly folder: string; readonly address: string; readonly cache: string },
  doom: Doom | null,
  contentIds: readonly string[],
): Promise<Outcome> {
  const child = spawn(
    process.execPath,
    ['--no-warnings', PROGRAM, folder, address, JSON.stringify(doom), ...contentIds],
    // Compiled code is kept between processes: most of a short life is its start.
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NODE_COMPILE_CACHE: cache } },
  )
  const queued: string[] = []
  const complaints: string[] = []
  let hasEnded = false
  child.stderr.on('data', (chunk: Buffer) => complaints.push(chunk.toString()))
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'began' && doom?.kind === 'after-ms') setTimeout(() => child.kill('SIGKILL'), doom.ms)
    if (line.startsWith('queued ')) queued.push(line.slice('queued '.length))
    if (line === 'ended') hasEnded = true
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  if (signal === 'SIGKILL') return { wasKilled: !hasEnded, queued }
  if (code === 0 && hasEnded) return { wasKilled: false, queued }
  throw new Error(`The process ended with ${code ?? signal}: ${complaints.join('')}`)
}

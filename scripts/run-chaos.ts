import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The chaos tests by what they repeat. */
export const CHAOS_FILES = {
  kills: 'kills',
  states: 'crash-states',
  seeds: 'simulation',
  histories: 'histories',
} as const
export type ChaosName = keyof typeof CHAOS_FILES

const at = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))

/** Repetitions after which a run begins anew: an embedded database that has seen thousands of histories is slow, and that is not what they prove. */
const ROUNDS: Partial<Record<ChaosName, number>> = { histories: 1_000 }

/** Runs one chaos test `times` times from `seed` on (null: as often and from where the whole suite does) and says how long it took; false when it failed. */
export function runChaos(name: ChaosName, times: number | null, seed: number | null): boolean {
  const started = performance.now()
  const isRight = times === null ? runRound(name, null, seed) : runRounds(name, times, seed)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${times ?? 'as many as in the suite'} ${name}: ${isRight ? 'no violation' : 'FAILED'}, ${seconds} s`)
  return isRight
}

function runRounds(name: ChaosName, times: number, seed: number | null): boolean {
  const most = ROUNDS[name] ?? times
  let isRight = true
  for (let done = 0; done < times; done += most) {
    const first = done === 0 ? seed : (seed ?? 1) + done
    isRight = runRound(name, Math.min(most, times - done), first) && isRight
    if (most < times) console.log(`${name}: ${Math.min(times, done + most)} of ${times} in all`)
  }
  return isRight
}

function runRound(name: ChaosName, times: number | null, seed: number | null): boolean {
  const env = {
    ...process.env,
    ...(times === null ? {} : { MIXMINT_CHAOS_TIMES: String(times) }),
    ...(seed === null ? {} : { MIXMINT_CHAOS_SEED: String(seed) }),
  }
  const file = `tests/core/chaos/${CHAOS_FILES[name]}.test.ts`
  const args = [at('node_modules/vitest/vitest.mjs'), 'run', '--project', 'core', '--reporter', 'default', file]
  return spawnSync(process.execPath, args, { cwd: at('.'), stdio: 'inherit', env }).status === 0
}

/** The whole number behind `--name`; null when it is not given. Throws for anything else. */
export function numberArgument(name: string): number | null {
  const index = process.argv.indexOf(`--${name}`)
  if (index < 0) return null
  const value = Number(process.argv[index + 1])
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name} takes a whole number`)
  return value
}

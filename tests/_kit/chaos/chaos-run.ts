/** What a chaos test repeats, with how often it does so in the whole suite. */
const TIMES = { kills: 100, states: 500, seeds: 1_000, histories: 300 } as const
export type ChaosKind = keyof typeof TIMES

/** How often to repeat, and the seed of the first repetition; the others count on from it. Set by the commands of docs/reliability.md. */
export function chaosRun(kind: ChaosKind): { readonly times: number; readonly seed: number } {
  const { MIXMINT_CHAOS_TIMES: times, MIXMINT_CHAOS_SEED: seed } = process.env
  return { times: Number(times ?? TIMES[kind]), seed: Number(seed ?? 1) }
}

/** Says how far a run that was asked for by number has come, some fifty times in all; the whole suite stays quiet. */
export function tellProgress(kind: ChaosKind, done: number, times: number): void {
  if (!isLong()) return
  const step = Math.max(1, Math.floor(times / 50))
  if (done % step === 0 || done === times) process.stderr.write(`${kind}: ${done} of ${times}\n`)
}

/** Whether the run was asked for by number. */
function isLong(): boolean {
  return process.env['MIXMINT_CHAOS_TIMES'] !== undefined
}

/** Failures after which a run ends: more say nothing new. */
const MOST_FAILURES = 8

/** Runs one repetition for each of `times` seeds; what fails does not keep the others from being run, and all of it is thrown at the end. */
export async function repeatEach(
  kind: ChaosKind,
  { seed: first, times }: { readonly seed: number; readonly times: number },
  work: (seed: number) => Promise<void>,
): Promise<void> {
  const failures: string[] = []
  for (let seed = first; seed < first + times && failures.length < MOST_FAILURES; seed++) {
    try {
      await repeatable(kind, seed, () => work(seed))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      failures.push(why)
      if (isLong()) process.stderr.write(`${why}\n`)
    }
    tellProgress(kind, seed + 1 - first, times)
  }
  if (failures.length > 0) throw new Error(`${failures.length} failed:\n${failures.join('\n\n')}`)
}

/** Runs one repetition; a failure names the command that repeats it alone. */
export async function repeatable<T>(kind: ChaosKind, seed: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const command =
      kind === 'seeds' ? `npm run simulate -- --seed ${seed}` : `npm run chaos -- --${kind} 1 --seed ${seed}`
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
    throw new Error(`Seed ${seed} failed; repeat it with: ${command}\n${why}`, { cause: error })
  }
}

/** What a chaos test repeats, with how often it does so in the whole suite. */
const TIMES = { kills: 100, states: 500, seeds: 1_000, histories: 300 } as const
export type ChaosKind = keyof typeof TIMES

/** How often to repeat, and the seed of the first repetition; the others count on from it. Set by the commands of docs/reliability.md. */
export function chaosRun(kind: ChaosKind): { readonly times: number; readonly seed: number } {
  const { MIXMINT_CHAOS_TIMES: times, MIXMINT_CHAOS_SEED: seed } = process.env
  return { times: Number(times ?? TIMES[kind]), seed: Number(seed ?? 1) }
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

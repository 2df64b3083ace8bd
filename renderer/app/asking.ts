import type { QueryClient } from '@tanstack/react-query'
import type { CallDefinition } from '../../contract/call.ts'

/** The least time between two askings of one question, ms. */
const ASK_MS = 300
/** A question rests so many times as long as its answer took. */
const REST = 4
/** The longest that an answer is waited for, and that a question rests, ms. */
const LONGEST_MS = 5_000

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/**
 * Asks again what is on the screen: at once, and what comes in the next moment together, because a queue that runs through tells a lot.
 * Each question has its own pace. For what the core tells; what a click changes does not wait here.
 */
export function createAsking(queries: QueryClient): (...definitions: readonly CallDefinition[]) => void {
  const wanted = new Set<string>()
  const pacing = new Set<string>()
  async function ask(name: string): Promise<void> {
    pacing.add(name)
    while (wanted.delete(name)) {
      const asked = performance.now()
      const answered = queries.invalidateQueries({ queryKey: [name] }).catch(() => {})
      await Promise.race([answered, pause(LONGEST_MS)])
      await pause(Math.max(ASK_MS, Math.min(LONGEST_MS, REST * (performance.now() - asked))))
    }
    pacing.delete(name)
  }
  return (...definitions) => {
    for (const { name } of definitions) {
      wanted.add(name)
      if (!pacing.has(name)) void ask(name)
    }
  }
}

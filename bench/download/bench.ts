import type { Children } from './children.ts'
import type { BenchOptions } from './options.ts'
import type { Tools } from './tools.ts'

/** What every part of the benchmark works with. */
export interface Bench {
  readonly options: BenchOptions
  readonly tools: Tools
  readonly children: Children
  /** A folder of this run alone, removed at its end. */
  readonly folder: string
  /** Tells whoever waits how far it is; never part of the result. */
  say(line: string): void
}

import type { ParseArgsOptionsConfig } from 'node:util'
import type { Folder } from '../../../contract/app.ts'
import type { Caller } from '../../../contract/call.ts'
import type { Reply } from '../../../contract/errors.ts'

/** What a command works with. */
export interface Cli {
  /** Makes a call; throws the `AppError` of its reply. */
  readonly call: Caller
  readonly callByName: (name: string, input: unknown) => Promise<Reply<unknown>>
  readonly folder: (path: string) => Promise<Folder>
  readonly isHostRunning: boolean
  /** The folder that relative paths start from. */
  readonly workingFolder: string
  /** Tells a person something on the way, on standard error. */
  readonly note: (text: string) => void
  /** All of standard input, or a line typed without echo. */
  readonly readSecret: (prompt: string, fromStdin: boolean) => Promise<string>
  readonly sleep: (ms: number) => Promise<void>
}

/** What a command answers: the value for programs, the text for people. */
export interface Outcome {
  readonly value: unknown
  readonly text: string
  /** The command did its part, but not all of what was asked for came about. */
  readonly failure?: { readonly exitCode: number }
}

export interface Command {
  /** Words after the command's name, as the help shows them. */
  readonly usage: string
  /** What it does, in one line. */
  readonly about: string
  readonly options?: ParseArgsOptionsConfig
  run(cli: Cli, args: readonly string[], options: Options): Promise<Outcome>
}

/** Values of the options that were given. */
export type Options = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

/** Wrong words after a command; the help says how. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The word at `index`. Throws `UsageError` when it is absent. */
export function required(args: readonly string[], index: number, what: string): string {
  const word = args[index]
  if (word === undefined || word === '') throw new UsageError(`${what} is missing`)
  return word
}

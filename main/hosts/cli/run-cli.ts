import { parseArgs } from 'node:util'
import { AppError, type Failure, fromReply, type Reply, toFailure } from '../../../contract/errors.ts'
import type { Client } from './client.ts'
import { type Cli, type Command, type Outcome, UsageError } from './command.ts'
import { devices, login, logout, signup } from './commands/account.ts'
import { buy } from './commands/buy.ts'
import { call, calls } from './commands/call.ts'
import { crate, sync } from './commands/crates.ts'
import { download } from './commands/downloads.ts'
import { library } from './commands/library.ts'
import { limit } from './commands/limit.ts'
import { queue } from './commands/queue.ts'
import { status } from './commands/status.ts'
import { search } from './commands/store.ts'
import { verify } from './commands/verify.ts'
import { EXIT, exitCodeOf } from './exit-code.ts'
import { plain } from './format.ts'

const COMMANDS: Readonly<Record<string, Command>> = {
  login,
  signup,
  logout,
  search,
  buy,
  download,
  queue,
  downloads: { ...queue, about: 'The same as queue.' },
  limit,
  library,
  verify,
  crate,
  sync,
  devices,
  status,
  call,
  calls,
}

/** What surrounds the command line: the streams, and how the core is reached. */
export interface Surroundings {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  readonly readSecret: Cli['readSecret']
  /** Opened only once the words are understood. */
  readonly openClient: () => Promise<Client>
}

/**
 * Runs one command; the answer is the exit code. With `--json` standard output carries the reply envelope alone, one line; without it the
 * text for people. Everything else goes to standard error.
 */
export async function runCli(words: readonly string[], around: Surroundings): Promise<number> {
  const isJson = words.includes('--json')
  try {
    const outcome = await runCommand(
      words.filter((word) => word !== '--json'),
      around,
    )
    if (isJson) around.out(`${JSON.stringify({ ok: true, value: outcome.value } satisfies Reply<unknown>)}\n`)
    else if (outcome.text !== '') around.out(`${outcome.text}\n`)
    return outcome.failure?.exitCode ?? EXIT.done
  } catch (error) {
    const { failure, exitCode } = describe(error)
    if (isJson) around.out(`${JSON.stringify({ ok: false, error: failure } satisfies Reply<never>)}\n`)
    around.err(`${failure.message.split('\n').map(plain).join('\n')}${remedy(failure)}\n`)
    return exitCode
  }
}

async function runCommand(words: readonly string[], around: Surroundings): Promise<Outcome> {
  const [name, ...rest] = words
  if (name === undefined || name === 'help' || name === '--help') return { value: Object.keys(COMMANDS), text: help() }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw new UsageError(`There is no command "${name}"`)
  if (rest.includes('--help')) {
    const { usage, about } = command
    return { value: { usage, about }, text: `mixmint ${name} ${usage}\n${about}` }
  }
  const { values, positionals } = parse(command, name, rest)
  const client = await around.openClient()
  try {
    return await command.run(toCli(client, around), positionals, values)
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${error.message}\nUsage: mixmint ${name} ${command.usage}`)
    throw error
  } finally {
    await client.close()
  }
}

function parse(command: Command, name: string, rest: string[]) {
  try {
    return parseArgs({ args: rest, options: command.options ?? {}, allowPositionals: true, strict: true })
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : ''}\nUsage: mixmint ${name} ${command.usage}`)
  }
}

function toCli(client: Client, { err, readSecret }: Surroundings): Cli {
  return {
    call: async (definition, input) =>
      definition.output.parse(fromReply(await client.call(definition.name, input))) as never,
    callByName: client.call,
    folder: client.folder,
    isHostRunning: client.isHostRunning,
    workingFolder: client.workingFolder,
    note: (text) => err(`${text}\n`),
    readSecret,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  }
}

function describe(error: unknown): { failure: Failure; exitCode: number } {
  if (error instanceof AppError) return { failure: toFailure(error), exitCode: exitCodeOf(error.code) }
  if (error instanceof UsageError)
    return { failure: { code: 'invalid-input', message: error.message }, exitCode: EXIT.usage }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { failure: { code: 'internal', message }, exitCode: EXIT.bug }
}

/** The fields that were wrong, or the reference under which the log has more. */
function remedy({ detail }: Failure): string {
  if (typeof detail?.['reference'] === 'string') return ` (reference ${detail['reference']})`
  const errors = detail?.['errors']
  if (typeof errors !== 'object' || errors === null) return ''
  return `:\n${Object.entries(errors)
    .map(([field, message]) => `  ${field}: ${message}`)
    .join('\n')}`
}

function help(): string {
  const lines = Object.entries(COMMANDS).flatMap(([name, { usage, about }]) => [
    `  ${name} ${usage}`.trimEnd(),
    `      ${about}`,
  ])
  return ['MixMint on the command line. --json prints the answer alone.', '', ...lines].join('\n')
}

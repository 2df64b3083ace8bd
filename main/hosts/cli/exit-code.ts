import type { ErrorCode } from '../../../contract/errors.ts'

/** What the process ends with: 0 done, 1 refused, 2 wrong usage, 3 no connection, 4 a bug of ours, 5 still not settled when the waiting ended. */
export const EXIT = { done: 0, refused: 1, usage: 2, offline: 3, bug: 4, waiting: 5 } as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

const NO_CONNECTION: ReadonlySet<ErrorCode> = new Set(['offline', 'captive-portal', 'untrusted-server', 'server-busy'])
const USAGE: ReadonlySet<ErrorCode> = new Set(['invalid-input', 'unknown-call', 'malformed-request', 'invalid-config'])

/** The exit code that tells a script what kind of failure it was. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  if (NO_CONNECTION.has(code)) return EXIT.offline
  if (USAGE.has(code)) return EXIT.usage
  return code === 'internal' ? EXIT.bug : EXIT.refused
}

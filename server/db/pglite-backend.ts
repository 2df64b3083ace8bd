import type { PGlite } from '@electric-sql/pglite'

/** The exit status that PGlite throws where PostgreSQL jumps out of a statement that failed. */
const STATEMENT_FAILED = 100

/**
 * Calls `onEnd` when PostgreSQL's backend ends in the middle of a message (FATAL, PANIC, a trap of WebAssembly).
 * PGlite swallows that and gives the message to the dead backend for ever (electric-sql/pglite#1058), so `onEnd` must end the thread.
 */
export function watchBackend({ Module }: PGlite, onEnd: (reason: string) => never): void {
  const runOnce = Module._PostgresMainLoopOnce
  Module._PostgresMainLoopOnce = () => {
    try {
      runOnce()
    } catch (error) {
      if (!isFailedStatement(error)) onEnd(reasonOf(error))
      throw error
    }
  }
}

function isFailedStatement(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'status' in error && error.status === STATEMENT_FAILED
}

/** What Emscripten throws at an exit is no Error. */
function reasonOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error)
}

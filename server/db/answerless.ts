/** Statements whose answer nobody needs: they open a transaction, set something for it, or wait for a lock that ends with it. */
const ANSWERLESS = /^\s*(begin|start transaction|select set_config\(|select pg_advisory_xact_lock\()/i

/**
 * Whether the next statement may be sent without waiting for this one. Whatever went wrong with it, the next one fails too: the transaction
 * is aborted then, or was never opened, and without one the login role has no rights.
 */
export function isAnswerless(text: string): boolean {
  return ANSWERLESS.test(text)
}

/** Stands before the last statement of a transaction: the commit is sent with it. Nothing may follow in that transaction. */
export const LAST = '/* last */'

export function isLast(text: string): boolean {
  return text.startsWith(LAST)
}

/** Whether a statement ends its transaction. */
export function isEnding(text: string): boolean {
  return text === 'commit' || text === 'rollback'
}

/** Remembers the failure of statements that nobody waited for, because the statement after them fails only in consequence. */
export class UnheardFailures {
  #first: Error | null = null

  /** Lets a statement run without anybody waiting. */
  ignore(running: Promise<unknown>): void {
    running.catch((error: unknown) => {
      this.#first ??= error instanceof Error ? error : new Error(String(error))
    })
  }

  /** The cause of `error`: the failure that came before it, or itself. */
  causeOf(error: unknown): unknown {
    const first = this.#first
    this.#first = null
    return first ?? error
  }

  forget(): void {
    this.#first = null
  }
}

import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** Statements that are kept; the one that was not used for longest goes. */
const MOST = 300

/** A database that prepares each statement once: queries that come again cost their work alone, and leave nothing to be collected. */
export class StatementCachingDatabase extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>()

  override prepare(sql: string): StatementSync {
    const known = this.#statements.get(sql)
    if (known !== undefined) {
      this.#statements.delete(sql)
      this.#statements.set(sql, known)
      return known
    }
    const statement = super.prepare(sql)
    this.#statements.set(sql, statement)
    const [oldest] = this.#statements.keys()
    if (this.#statements.size > MOST && oldest !== undefined) this.#statements.delete(oldest)
    return statement
  }
}

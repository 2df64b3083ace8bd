import type { WorkerOptions } from './pglite-messages.ts'
import { DatabaseLostError, type Patience, PgliteThread } from './pglite-thread.ts'

/** What an embedded database needs to come back after its thread was lost. */
export interface Comeback {
  /** The login role of every later session, whatever the first one was. */
  readonly role: string
  /** Hears of each loss, and of each time that it could not be opened again, once. */
  readonly onLoss?: ((error: DatabaseLostError) => void) | undefined
  /** Milliseconds of a clock that never goes back. */
  readonly now?: (() => number) | undefined
  readonly patience?: Patience | undefined
}

const SHORT_LIFE_MS = 60_000
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000

/** How long to wait before the next thread, in milliseconds, after so many short lives in a row before this one. */
export function pauseAfter(shortLives: number): number {
  return shortLives === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (shortLives - 1), LONGEST_PAUSE_MS)
}

/**
 * The threads of one database, one after another. Whoever asks gets the one that lives; with a `Comeback`, who asks after a loss has a new one
 * opened on the same folder, where PostgreSQL finds what was committed. The lost one stays lost: what was open in it can not go on elsewhere.
 */
export class PgliteLives {
  readonly #options: WorkerOptions
  readonly #comeback: Comeback | undefined
  readonly #now: () => number
  #life: Promise<PgliteThread> | undefined
  #loss: DatabaseLostError | undefined
  #shortLives = 0
  #pausedUntil = 0
  #isClosed = false

  constructor(options: WorkerOptions, comeback?: Comeback) {
    this.#options = options
    this.#comeback = comeback
    this.#now = comeback?.now ?? (() => performance.now())
  }

  /** The thread to use from now on. Throws `DatabaseLostError` when there is none and it is not, or not yet, time for another. */
  async current(): Promise<PgliteThread> {
    if (this.#isClosed) throw new DatabaseLostError('The embedded database is closed')
    if (this.#loss === undefined) {
      this.#life ??= this.#start(this.#options)
    } else {
      if (this.#comeback === undefined || this.#now() < this.#pausedUntil) throw this.#loss
      this.#loss = undefined
      this.#life = this.#start({ ...this.#options, role: this.#comeback.role, image: undefined })
    }
    return this.#life
  }

  /** Closes the thread that lives, or is just being opened. Nothing is opened afterwards. */
  async close(): Promise<void> {
    this.#isClosed = true
    const thread = await this.#life?.catch(() => undefined)
    await thread?.close()
  }

  async #start(options: WorkerOptions): Promise<PgliteThread> {
    const startedAt = this.#now()
    const onLoss = (error: DatabaseLostError) => this.#lose(error, startedAt)
    try {
      return await PgliteThread.start(options, this.#comeback?.patience, onLoss)
    } catch (error) {
      if (error instanceof DatabaseLostError) onLoss(error)
      throw error
    }
  }

  #lose(error: DatabaseLostError, startedAt: number): void {
    const now = this.#now()
    if (now - startedAt >= SHORT_LIFE_MS) this.#shortLives = 0
    this.#pausedUntil = now + pauseAfter(this.#shortLives)
    this.#shortLives += 1
    this.#loss = error
    this.#comeback?.onLoss?.(error)
  }
}

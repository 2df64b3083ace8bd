import { inServerTransaction } from '../../db/transaction.ts'
import type { ServerServices } from '../../services.ts'
import { closeSentTokens } from './token-rows.ts'

/** How long an end may wait for others, ms. Nothing depends on it: all bytes are counted, and nothing is reserved any more. */
const WAIT_MS = 100

interface Ended {
  readonly tokenId: string
  readonly written: (isClosed: boolean) => void
  readonly failed: (error: unknown) => void
}

/** The uses of tokens that came to their end with every byte sent, written down many at a time. */
export class EndedUses {
  readonly #services: Pick<ServerServices, 'db' | 'clock'>
  #waiting: Ended[] = []
  #timer: NodeJS.Timeout | null = null

  constructor(services: Pick<ServerServices, 'db' | 'clock'>) {
    this.#services = services
  }

  /** Resolves when the end is written down; false: the token was closed or is being closed by something else. */
  add(tokenId: string): Promise<boolean> {
    this.#timer ??= setTimeout(() => void this.flush(), WAIT_MS)
    return new Promise((written, failed) => this.#waiting.push({ tokenId, written, failed }))
  }

  /** Writes down what waits. Whether that succeeds is told to those who wait. */
  async flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    const ended = this.#waiting
    this.#waiting = []
    if (ended.length === 0) return
    const { db, clock } = this.#services
    const tokenIds = ended.map(({ tokenId }) => tokenId)
    try {
      // A database that dies and forgets it leaves tokens that the sweep closes.
      const closed = new Set(
        await inServerTransaction(db, (tx) => closeSentTokens(tx, tokenIds), { clock, isDurable: false }),
      )
      for (const { tokenId, written } of ended) written(closed.has(tokenId))
    } catch (error) {
      for (const { failed } of ended) failed(error)
    }
  }
}

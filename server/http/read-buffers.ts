const LARGE_BYTES = 2 * 1024 * 1024
const SMALL_BYTES = 256 * 1024
/** Together 32 MiB: the memory that sending may take is bounded, however many streams there are beside. */
const LARGE_PAIRS = 8
/** Together 8 MiB: as many are kept for the next streams. Memory that is made for each of them is what the collector runs for. */
const KEPT_SMALL_PAIRS = 16

/** Two buffers: one is filled while the other is sent. */
export type BufferPair = readonly [Buffer, Buffer]

/** Large buffers for as many streams as there are pairs of them, small ones for the others. */
export class ReadBuffers {
  readonly #large: BufferPair[] = []
  readonly #small: BufferPair[] = []
  #largeMade = 0

  /** Buffers for a stream of `length` bytes; give them back when nothing reads or sends them any more. */
  take(length: number): BufferPair {
    if (length > SMALL_BYTES) {
      const free = this.#large.pop()
      if (free !== undefined) return free
      if (this.#largeMade < LARGE_PAIRS) {
        this.#largeMade += 1
        return pairOf(LARGE_BYTES)
      }
    }
    return this.#small.pop() ?? pairOf(SMALL_BYTES)
  }

  giveBack(pair: BufferPair): void {
    if (pair[0].length === LARGE_BYTES) this.#large.push(pair)
    else if (this.#small.length < KEPT_SMALL_PAIRS) this.#small.push(pair)
  }
}

function pairOf(bytes: number): BufferPair {
  return [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)]
}

const LARGE_BYTES = 2 * 1024 * 1024
const SMALL_BYTES = 256 * 1024
/** Together 32 MiB: the memory that sending may take is bounded, however many streams there are beside. */
const LARGE_PAIRS = 8

/** Two buffers: one is filled while the other is sent. */
export type BufferPair = readonly [Buffer, Buffer]

/** Large buffers for as many streams as there are pairs of them, small ones for the others. */
export class ReadBuffers {
  readonly #free: BufferPair[] = []
  #made = 0

  /** Buffers for a stream of `length` bytes; give them back when nothing reads or sends them any more. */
  take(length: number): BufferPair {
    if (length > SMALL_BYTES) {
      const free = this.#free.pop()
      if (free !== undefined) return free
      if (this.#made < LARGE_PAIRS) {
        this.#made += 1
        return pairOf(LARGE_BYTES)
      }
    }
    return pairOf(Math.max(1, Math.min(length, SMALL_BYTES)))
  }

  giveBack(pair: BufferPair): void {
    if (pair[0].length === LARGE_BYTES) this.#free.push(pair)
  }
}

function pairOf(bytes: number): BufferPair {
  return [Buffer.allocUnsafeSlow(bytes), Buffer.allocUnsafeSlow(bytes)]
}

import { AppError } from '../../contract/errors.ts'

const KIB = 1024
/** Counted by the statement that uses a token. */
export const FIRST_BLOCK_BYTES = 256 * KIB
const SECOND_BLOCK_BYTES = 768 * KIB
const BLOCK_BYTES = 8 * 1024 * KIB
/** A rest of no more than this is counted with the block before it. */
const REST_BYTES = 1024 * KIB
/** With less than this left the next block is counted beside the sending; not before as much was sent. */
const COUNT_AHEAD_BYTES = 2 * 1024 * KIB

/**
 * What a stream of `length` bytes may send: bytes are counted before they are sent, in few blocks of which the first two are small,
 * so that a process that dies has counted at most 11 MiB in vain, and at most 1 MiB until it has sent as much.
 */
export class ByteAllowance {
  readonly #length: number
  readonly #countBlock: (bytes: number) => Promise<boolean>
  #counted: number
  #sent = 0
  #counting: Promise<void> | null = null

  /** The first `FIRST_BLOCK_BYTES` are counted already. `countBlock` answers false when nothing more may be sent. */
  constructor(length: number, countBlock: (bytes: number) => Promise<boolean>) {
    this.#length = length
    this.#countBlock = countBlock
    this.#counted = Math.min(FIRST_BLOCK_BYTES, length)
  }

  /** Bytes that were counted and never sent. */
  get unsent(): number {
    return this.#counted - this.#sent
  }

  /** Resolves when the next `bytes` may be sent. Throws `attempt-closed` when they may not, `storage-unavailable` for more than the length. */
  async spend(bytes: number): Promise<void> {
    if (this.#sent + bytes > this.#length) throw new AppError('storage-unavailable')
    while (this.unsent < bytes) {
      this.#counting ??= this.#countNext()
      await this.#counting
    }
    this.#sent += bytes
    const isLong = this.#sent >= COUNT_AHEAD_BYTES && this.#counted < this.#length
    if (isLong && this.unsent < COUNT_AHEAD_BYTES && this.#counting === null) {
      this.#counting = this.#countNext()
      // Who spends next hears of it.
      this.#counting.catch(() => undefined)
    }
  }

  /** Waits for a count that is under way, so that `unsent` is final. */
  async settle(): Promise<void> {
    await this.#counting?.catch(() => undefined)
  }

  async #countNext(): Promise<void> {
    const left = this.#length - this.#counted
    const wanted = this.#counted <= FIRST_BLOCK_BYTES ? SECOND_BLOCK_BYTES : BLOCK_BYTES
    const block = wanted === BLOCK_BYTES && left <= BLOCK_BYTES + REST_BYTES ? left : Math.min(left, wanted)
    if (!(await this.#countBlock(block))) throw new AppError('attempt-closed')
    this.#counted += block
    this.#counting = null
  }
}

/** Reads numbers of any width from bytes, most significant bit first. */
export class BitReader {
  readonly #bytes: Uint8Array
  #position: number
  #bits = 0
  #available = 0

  constructor(bytes: Uint8Array, position: number) {
    this.#bytes = bytes
    this.#position = position
  }

  /** The next `width` bits (0 to 32) as an unsigned number; zeros where the bytes have ended. */
  read(width: number): number {
    let value = 0
    let wanted = width
    while (wanted > 0) {
      if (this.#available === 0) this.#fill()
      const taken = Math.min(wanted, this.#available)
      const piece = (this.#bits >> (this.#available - taken)) & ((1 << taken) - 1)
      value = value * (1 << taken) + piece
      this.#available -= taken
      wanted -= taken
    }
    return value
  }

  /** The next `width` bits (1 to 32) as a two's complement number. */
  readSigned(width: number): number {
    const value = this.read(width)
    return value >= 2 ** (width - 1) ? value - 2 ** width : value
  }

  /** How many zero bits stand before the next one bit, which is read too. */
  readUnary(): number {
    let count = 0
    for (;;) {
      if (this.#available === 0) this.#fill()
      const rest = this.#bits & ((1 << this.#available) - 1)
      if (rest !== 0) {
        const zeros = Math.clz32(rest) - (32 - this.#available)
        this.#available -= zeros + 1
        return count + zeros
      }
      if (this.atEnd) return count
      count += this.#available
      this.#available = 0
    }
  }

  /** Drops what is left of a byte that was begun. */
  alignToByte(): void {
    this.#available = 0
  }

  /** The byte that is read next, when aligned. */
  get position(): number {
    return this.#position
  }

  get atEnd(): boolean {
    return this.#position >= this.#bytes.length
  }

  #fill(): void {
    this.#bits = this.#bytes[this.#position++] ?? 0
    this.#available = 8
  }
}

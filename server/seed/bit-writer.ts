/** Collects numbers of any width into bytes, most significant bit first. */
export class BitWriter {
  #bytes: Uint8Array
  #length = 0
  #bits = 0
  #filled = 0

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** Appends the lowest `width` bits (0 to 32) of `value`. */
  write(value: number, width: number): void {
    let left = width
    while (left > 0) {
      const taken = Math.min(left, 8 - this.#filled)
      const piece = (value >>> (left - taken)) & ((1 << taken) - 1)
      this.#bits = (this.#bits << taken) | piece
      this.#filled += taken
      left -= taken
      if (this.#filled === 8) this.#flush()
    }
  }

  /** Appends `count` zeros and a one. */
  writeUnary(count: number): void {
    let left = count
    for (; left >= 31; left -= 31) this.write(0, 31)
    this.write(1, left + 1)
  }

  /** Fills the byte that was begun with zeros. */
  alignToByte(): void {
    if (this.#filled > 0) this.write(0, 8 - this.#filled)
  }

  /** What has been written, in whole bytes; a window that the next write may change. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Starts over in the same memory. */
  clear(): void {
    this.#length = 0
    this.#bits = 0
    this.#filled = 0
  }

  #flush(): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.#length++] = this.#bits
    this.#bits = 0
    this.#filled = 0
  }
}

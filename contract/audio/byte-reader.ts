/** Random access to the bytes of one file, wherever it lies. */
export interface ByteReader {
  /** Bytes in all. */
  readonly size: number
  /** The bytes from `position`; fewer than `length` where the file ends before. */
  read(position: number, length: number): Promise<Uint8Array>
}

/** A reader over bytes that are in memory already. */
export function bytesReader(bytes: Uint8Array): ByteReader {
  return {
    size: bytes.length,
    read: (position, length) => Promise.resolve(bytes.subarray(position, position + length)),
  }
}

/** `length` bytes at `offset`, read as one character each: the form in which containers write their marks. */
export function ascii(bytes: Uint8Array, offset: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + length))
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

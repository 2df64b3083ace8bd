export interface ZipSource {
  /** Path inside the archive, with `/`. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  readonly crc32: number
}

export interface ZipEntry extends ZipSource {
  /** Where the file's own bytes start in the archive. */
  readonly offset: number
}

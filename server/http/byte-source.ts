import type { Readable } from 'node:stream'
import { AppError } from '../../contract/errors.ts'
import type { ByteRange } from '../../contract/values.ts'
import type { ObjectStore, OpenObject } from '../ports.ts'
import type { BufferPair, ReadBuffers } from './read-buffers.ts'

/** The bytes of a range in their order. A chunk may be overwritten as soon as the next one is asked for. */
export interface ByteSource {
  /** Settles with the first read: what can not be read is refused, and not cut. */
  readonly begun: Promise<unknown>
  /** Null at the end. Throws `storage-unavailable`. */
  next(): Promise<Buffer | null>
  /** Lets a `next` that waits fail: nobody wants more. */
  cancel(): void
  /** Nothing of it may be in use any more. */
  close(): Promise<void>
}

/** A range of a file, read through large buffers; closing it closes the file. The first chunk is read at once. */
export function fileSource(file: OpenObject, buffers: ReadBuffers, range: ByteRange): ByteSource {
  return new FileSource(file, buffers, range)
}

/** A range of an object as the store's stream. Throws `storage-unavailable`. */
export async function storeSource(objects: ObjectStore, key: string, [start, end]: ByteRange): Promise<ByteSource> {
  return streamSource(await objects.read(key, start, end))
}

/** The first chunks are small, so that little is counted before anything has left. */
const FIRST_CHUNKS_BYTES = [256 * 1024, 768 * 1024]

class FileSource implements ByteSource {
  readonly #file: OpenObject
  readonly #buffers: ReadBuffers
  readonly #pair: BufferPair
  readonly #end: number
  #position: number
  #turn = 0
  #reading: Promise<Buffer | null>
  readonly begun: Promise<unknown>

  constructor(file: OpenObject, buffers: ReadBuffers, [start, end]: ByteRange) {
    this.#file = file
    this.#buffers = buffers
    this.#pair = buffers.take(end - start + 1)
    this.#position = start
    this.#end = end
    this.#reading = this.#read()
    this.begun = this.#reading
    // Nobody may ever ask for it.
    this.#reading.catch(() => undefined)
  }

  async next(): Promise<Buffer | null> {
    const chunk = await this.#reading
    this.#reading = chunk === null ? Promise.resolve(null) : this.#read()
    // Nobody may ever ask for it.
    this.#reading.catch(() => undefined)
    return chunk
  }

  /** A read of a file never waits for long. */
  cancel(): void {}

  async close(): Promise<void> {
    await this.#reading.catch(() => undefined)
    this.#buffers.giveBack(this.#pair)
    await this.#file.close()
  }

  /** Reads into the buffer that is not being sent. */
  async #read(): Promise<Buffer | null> {
    const left = this.#end - this.#position + 1
    if (left === 0) return null
    const buffer = this.#pair[this.#turn % 2 === 0 ? 0 : 1]
    const length = Math.min(left, buffer.length, FIRST_CHUNKS_BYTES[this.#turn] ?? buffer.length)
    this.#turn += 1
    const read = await this.#file.read(buffer.subarray(0, length), this.#position)
    if (read === 0) throw new AppError('storage-unavailable')
    this.#position += read
    return buffer.subarray(0, read)
  }
}

function streamSource(stream: Readable): ByteSource {
  const chunks = stream[Symbol.asyncIterator]()
  return {
    begun: Promise.resolve(),
    async next() {
      const { value, done } = await chunks.next().catch((error: unknown) => {
        throw new AppError('storage-unavailable', undefined, undefined, { cause: error })
      })
      return done === true ? null : (value as Buffer)
    },
    cancel: () => void stream.destroy(),
    async close() {
      stream.destroy()
    },
  }
}

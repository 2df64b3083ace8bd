import { Transform, type TransformCallback } from 'node:stream'
import { AppError } from '../../contract/errors.ts'

const FIRST_BLOCK_BYTES = 256 * 1024
/** Together with what streams and sockets buffer of the block before, less than 1 MiB. */
const BLOCK_BYTES = 768 * 1024

/**
 * Passes exactly `length` bytes on, each block of them counted before its first byte leaves: whatever happens to this process, no more
 * than one block was counted and not sent. Fails with `attempt-closed` when a block may not be sent and with
 * `storage-unavailable` when the source has another length.
 */
export function meteredStream(length: number, countBlock: (bytes: number) => Promise<boolean>): Transform {
  let counted = 0
  let sent = 0

  async function pass(this: Transform, chunk: Buffer): Promise<void> {
    if (sent + chunk.length > length) throw new AppError('storage-unavailable')
    for (let at = 0; at < chunk.length; ) {
      if (sent === counted) {
        const block = Math.min(counted === 0 ? FIRST_BLOCK_BYTES : BLOCK_BYTES, length - counted)
        if (!(await countBlock(block))) throw new AppError('attempt-closed')
        counted += block
      }
      const piece = chunk.subarray(at, at + counted - sent)
      this.push(piece)
      at += piece.length
      sent += piece.length
    }
  }

  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      pass.call(this, chunk).then(() => done(), done)
    },
    flush(done: TransformCallback) {
      done(sent === length ? null : new AppError('storage-unavailable'))
    },
  })
}

import { constants } from 'node:fs'
import { type Disk, onDisk } from '../library/disk.ts'

const SLOT = 4

/**
 * How far each begun segment is written. Only a hint: it is never synced and may be wrong after a power cut, so what goes on from it is
 * believed when the segment has its hash, and not before. It lets a process that was killed go on at nearly the same byte.
 */
export interface BegunHints extends AsyncDisposable {
  /** For another thread of this process, which must be done with it first. */
  readonly fd: number
  /** Bytes from the segment's start. */
  read(segment: number): Promise<number>
  /** Never throws: a hint that is lost costs bytes, not safety. */
  note(segment: number, bytes: number): Promise<void>
}

/** Opens the hints at `path`; with `isFresh` what stands there is forgotten. Throws what the disk does. */
export async function openBegunHints(disk: Disk, path: string, isFresh: boolean): Promise<BegunHints> {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | (isFresh ? constants.O_TRUNC : 0)
  const file = await onDisk(() => disk.open(path, flags, 0o600))
  return {
    fd: file.fd,
    read: (segment) =>
      onDisk(async () => {
        const slot = Buffer.alloc(SLOT)
        await file.read(slot, 0, SLOT, segment * SLOT)
        return slot.readUInt32LE(0)
      }),
    async note(segment, bytes) {
      const slot = Buffer.alloc(SLOT)
      slot.writeUInt32LE(bytes)
      await file.write(slot, 0, SLOT, segment * SLOT).catch(() => {})
    },
    [Symbol.asyncDispose]: () => file.close().catch(() => {}),
  }
}

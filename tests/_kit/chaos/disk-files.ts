import type { Dice } from './dice.ts'

/** The unit that a disk writes whole or not at all, in bytes. */
const SECTOR = 512

type Change = { readonly offset: number; readonly bytes: Buffer } | { readonly truncateTo: number }

/** One file with what is in memory of it and what is on the platter. */
export interface DiskFile {
  readonly id: number
  readonly isFolder: boolean
  /** What every reader sees. */
  bytes: Buffer
  /** What is on the platter for certain. */
  durable: Buffer
  /** Written since, in their order. */
  unsynced: Change[]
  changedAt: number
}

export function newFile(id: number, isFolder: boolean, now: number): DiskFile {
  return { id, isFolder, bytes: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [], changedAt: now }
}

export function writeTo(file: DiskFile, bytes: Buffer, offset: number): void {
  const change = { offset, bytes: Buffer.from(bytes) }
  file.bytes = applied(file.bytes, change)
  file.unsynced.push(change)
}

export function truncate(file: DiskFile, truncateTo: number): void {
  file.bytes = applied(file.bytes, { truncateTo })
  file.unsynced.push({ truncateTo })
}

export function sync(file: DiskFile): void {
  if (file.unsynced.length === 0) return
  file.durable = Buffer.from(file.bytes)
  file.unsynced = []
}

/** A sync that failed: the system forgets that these bytes are still to be written, and readers see them all the same (Linux, "fsyncgate"). */
export function failSync(file: DiskFile): void {
  file.unsynced = []
}

/** The file after the power failed: of what was not synced anything may be there, in any order, and torn between sectors. */
export function afterPowerCut(file: DiskFile, roll: Dice): DiskFile {
  const bytes = survivors(file.unsynced, roll).reduce(applied, file.durable)
  return { ...file, bytes, durable: bytes, unsynced: [] }
}

function survivors(changes: readonly Change[], roll: Dice): Change[] {
  switch (roll.below(5)) {
    case 0:
      return []
    case 1:
      return [...changes]
    case 2:
      return changes.slice(0, roll.below(changes.length + 1))
    case 3:
      return changes.filter(() => roll.chance(0.5))
    default:
      return roll.shuffled(changes.filter(() => roll.chance(0.7))).flatMap((change) => torn(change, roll))
  }
}

/** Some sectors of a write; the length of the file may have changed without any of them. */
function torn(change: Change, roll: Dice): Change[] {
  if ('truncateTo' in change) return [change]
  const { offset, bytes } = change
  const pieces: Change[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(bytes.length - at, SECTOR - ((offset + at) % SECTOR))
    const kind = roll.below(4)
    if (kind > 1) pieces.push({ offset: offset + at, bytes: bytes.subarray(at, at + length) })
    else if (kind === 1) pieces.push({ offset: offset + at, bytes: Buffer.alloc(length) })
    at += length
  }
  return pieces
}

function applied(content: Buffer, change: Change): Buffer {
  if ('truncateTo' in change) {
    const cut = Buffer.alloc(change.truncateTo)
    content.copy(cut)
    return cut
  }
  const { offset, bytes } = change
  const next = offset + bytes.length > content.length ? Buffer.alloc(offset + bytes.length) : Buffer.from(content)
  if (next.length > content.length) content.copy(next)
  bytes.copy(next, offset)
  return next
}

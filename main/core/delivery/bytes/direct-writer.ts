import { closeSync, constants, openSync, write as writeLater, writeSync } from 'node:fs'
import { systemCode } from '../../library/disk.ts'

/** What a direct write is a whole number of, at its place in the file and in memory: a page, which no disk's block exceeds. */
const UNIT = 4096
/** The most bytes of one direct write. */
const BLOCK = 512 * 1024
/** Blocks of one thread. */
const BLOCKS = 12
const WASM_PAGE = 65_536
/** Direct writes under way at once in one thread; each takes one of the few threads that Node has for files. */
const MOST_AT_ONCE = 2
/** Bytes that come at once on a line that is fast enough to fill blocks; what trickles is written, and told, as it comes. */
const FAST = 32 * 1024
/** Bytes that came so long ago wait for no full block any more, in milliseconds: a process that is killed loses no more than that. */
const LONGEST_HELD_MS = 200

/** What the types of Node do not name: memory that begins at a page of the system, which that of a buffer does not. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer }
}

/** Memory and turns that the writers of one thread share. */
export interface DirectWrites {
  /** A block whose address is a whole number of pages; null while all are taken. */
  take(): Uint8Array | null
  give(block: Uint8Array): void
  mayStart(): boolean
  /** Resolves when the next write ends. */
  ended(): Promise<void>
  started(): void
  over(): void
}

export function createDirectWrites(): DirectWrites {
  let free: Uint8Array[] | null = null
  let underWay = 0
  let waiting: (() => void)[] = []

  /** What of it is not used costs nothing; none where a process may not reserve the addresses. */
  function allBlocks(): Uint8Array[] {
    const pages = (BLOCKS * BLOCK) / WASM_PAGE
    try {
      const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages })
      return Array.from({ length: BLOCKS }, (_, index) => new Uint8Array(buffer, index * BLOCK, BLOCK))
    } catch {
      return []
    }
  }

  return {
    take() {
      free ??= allBlocks()
      return free.pop() ?? null
    },
    give: (block) => void free?.push(block),
    mayStart: () => underWay < MOST_AT_ONCE,
    ended: () => new Promise((resolve) => void waiting.push(resolve)),
    started() {
      underWay += 1
    },
    over() {
      underWay -= 1
      const heard = waiting
      waiting = []
      for (const one of heard) one()
    },
  }
}

/** Writes the bytes of one range, past the page cache where the system can: they are copied once less, and no `fsync` has to wait for them. */
export interface DirectWriter {
  /** Where the bytes for `offset` may be put so that `write` need not copy them; until `write` is called next. Null: anywhere. */
  space(offset: number): Uint8Array | null
  /** Takes the bytes for `offset`, which follow those before. Throws what the system said of these or of earlier ones. */
  write(bytes: Uint8Array, offset: number): void | Promise<void>
  /** Calls back when everything that was taken so far is in the file; never, if it could not be written. */
  afterWrites(callback: () => void): void
  /** Bytes that were taken and are not in the file yet. */
  pendingBytes(): number
  /** Resolves when everything is in the file. Throws what the system said of it; nothing is under way afterwards in any case. */
  close(): Promise<void>
}

/** Bytes in a block, for an offset of the file. */
interface Held {
  readonly block: Uint8Array
  readonly offset: number
  readonly since: number
  length: number
}

/**
 * A writer for the file that is open as `fd`. On Linux whole blocks go past the page cache where the file system allows it (open(2), `O_DIRECT`),
 * beside what the thread does; everything else is written as usual, and at once.
 */
export function openDirectWriter(fd: number, shared: DirectWrites, now: () => number): DirectWriter {
  const direct = openDirect(fd)
  let isDirect = direct !== null
  let held: Held | null = null
  let underWayBytes = 0
  let failure: { readonly error: unknown } | null = null
  let isFast = false
  const underWay = new Set<Promise<void>>()

  function write(bytes: Uint8Array, offset: number): void | Promise<void> {
    if (failure !== null) throw failure.error
    // A read that just filled its block says nothing of the line.
    isFast = bytes.byteLength >= FAST || (isFast && held !== null && held.length + bytes.byteLength === BLOCK)
    for (let at = 0; at < bytes.byteLength; ) {
      const place = offset + at
      const rest = bytes.subarray(at)
      if (held !== null && place !== held.offset + held.length) startHeld()
      held ??= beginBlock(place)
      if (held === null) {
        // Up to where a block may begin; all of it where none is to be had.
        const usual = !isDirect || !isFast || place % UNIT === 0 ? rest : rest.subarray(0, UNIT - (place % UNIT))
        writeAll(fd, usual, place)
        at += usual.byteLength
      } else if (held.length === BLOCK) {
        if (!shared.mayStart()) return shared.ended().then(() => write(rest, place))
        startHeld()
      } else {
        at += hold(held, rest)
      }
    }
    if (held !== null && shared.mayStart() && (held.length === BLOCK || now() - held.since > LONGEST_HELD_MS))
      startHeld()
  }

  /** Takes as much as the block has room for. */
  function hold(into: Held, bytes: Uint8Array): number {
    const { block, length } = into
    const piece = bytes.subarray(0, BLOCK - length)
    const isThere = piece.buffer === block.buffer && piece.byteOffset === block.byteOffset + length
    if (!isThere) block.set(piece, length)
    into.length += piece.byteLength
    return piece.byteLength
  }

  function beginBlock(offset: number): Held | null {
    const mayBegin = isDirect && isFast && offset % UNIT === 0
    const block = mayBegin ? shared.take() : null
    return block === null ? null : { block, offset, since: now(), length: 0 }
  }

  /** Whole units of what is held go directly; the rest of the last one as usual. */
  function startHeld(): void {
    if (held === null) return
    const { block, offset, length } = held
    held = null
    if (length === 0) {
      shared.give(block)
      return
    }
    const whole = length - (length % UNIT)
    underWayBytes += length
    shared.started()
    const work = past(block.subarray(0, whole), offset)
      .then(() => writeAll(fd, block.subarray(whole, length), offset + whole))
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .then(() => {
        underWay.delete(work)
        underWayBytes -= length
        shared.give(block)
        shared.over()
      })
    underWay.add(work)
  }

  async function past(bytes: Uint8Array, offset: number): Promise<void> {
    if (bytes.byteLength === 0) return
    const written = direct === null || !isDirect ? 0 : await writeOnce(direct, bytes, offset).catch(refused)
    // What is left of a short write may begin anywhere.
    writeAll(fd, bytes.subarray(written), offset + written)
  }

  /** The system takes no direct writes here after all. The descriptor stays: others may be under way on it, and its number would be given away. */
  function refused(error: unknown): 0 {
    if (systemCode(error) !== 'EINVAL') throw error
    isDirect = false
    return 0
  }

  return {
    space(offset) {
      held ??= beginBlock(offset)
      const isNext = held !== null && held.length < BLOCK && offset === held.offset + held.length
      return held !== null && isNext ? held.block.subarray(held.length) : null
    },
    write,
    afterWrites(callback) {
      startHeld()
      if (underWay.size === 0) return callback()
      void Promise.all(underWay).then(() => {
        if (failure === null) callback()
      })
    },
    pendingBytes: () => underWayBytes + (held?.length ?? 0),
    async close() {
      startHeld()
      await Promise.all(underWay)
      if (direct !== null) closeSync(direct)
      if (failure !== null) throw failure.error
    },
  }
}

function openDirect(fd: number): number | null {
  if (process.platform !== 'linux') return null
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_DIRECT)
  } catch {
    return null
  }
}

function writeOnce(fd: number, bytes: Uint8Array, offset: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writeLater(fd, bytes, 0, bytes.byteLength, offset, (error, written) => {
      if (error === null) resolve(written)
      else reject(error)
    })
  })
}

function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  for (let written = 0; written < bytes.byteLength; ) {
    try {
      written += writeSync(fd, bytes, written, bytes.byteLength - written, offset + written)
    } catch (error) {
      if (systemCode(error) !== 'EINTR') throw error
    }
  }
}

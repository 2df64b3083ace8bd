import type { FileHandle } from 'node:fs/promises'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'

type HandleOperation = 'write' | 'writev' | 'read' | 'sync' | 'datasync' | 'truncate' | 'close'
export type DiskOperation = keyof Disk | HandleOperation

/** What fails, how, and for how long. */
export interface DiskFault {
  readonly operations: readonly DiskOperation[]
  /** The system's code, such as `ENOSPC`. */
  readonly code: string
  /** The files it happens to; left out: all. */
  readonly on?: (place: string) => boolean
  /** Operations that still succeed. */
  readonly after?: number
  /** Failures, then it is over by itself; left out: until it is lifted. */
  readonly times?: number
}

export interface FailingDisk {
  readonly disk: Disk
  /** Begins a fault; the answer ends it. */
  fail(fault: DiskFault): () => void
  /** From now on one `write` takes at most so many bytes. */
  shortenWrites(bytes: number): void
  /** From now on the disk says that so many bytes are free; null: the truth again. */
  setFree(bytes: number | null): void
  /** Failures so far. */
  readonly failures: () => number
}

const PATH_OPERATIONS = [
  'link',
  'unlink',
  'rename',
  'lstat',
  'stat',
  'statfs',
  'mkdir',
  'readdir',
  'readFile',
  'rmdir',
] as const
const HANDLE_OPERATIONS = ['write', 'writev', 'read', 'sync', 'datasync', 'truncate', 'close'] as const

/** True for the file that a download is put together in. */
export function isPart(place: string): boolean {
  return place.endsWith('.part')
}

/** The real file system with failures at will. */
export function createFailingDisk(base: Disk = realDisk): FailingDisk {
  const faults = new Set<{ readonly fault: DiskFault; seen: number }>()
  let failed = 0
  let shortest: number | null = null
  let free: number | null = null

  function check(operation: DiskOperation, place: string): void {
    for (const active of faults) {
      const { operations, on = () => true, after = 0, times = Number.POSITIVE_INFINITY, code } = active.fault
      if (!operations.includes(operation) || !on(place)) continue
      active.seen += 1
      if (active.seen <= after || active.seen > after + times) continue
      failed += 1
      throw Object.assign(new Error(`${code}: injected, ${operation}`), { code, syscall: operation })
    }
  }

  const onPaths = Object.fromEntries(
    PATH_OPERATIONS.map((name) => [
      name,
      async (...given: unknown[]) => {
        // Of two names the second is the one that is made.
        check(name, String(name === 'link' || name === 'rename' ? given[1] : given[0]))
        const answer: unknown = await (base[name] as (...all: unknown[]) => Promise<unknown>)(...given)
        return name === 'statfs' && free !== null
          ? Object.assign(answer as object, { bavail: Math.floor(free / 512), bsize: 512 })
          : answer
      },
    ]),
  )

  const open: Disk['open'] = async (place, flags, mode) => {
    const name = String(place)
    check('open', name)
    const handle = await base.open(place, flags, mode)
    return wrap(handle, name)
  }

  function wrap(handle: FileHandle, place: string): FileHandle {
    const wrapped = HANDLE_OPERATIONS.map((name) => {
      const work = handle[name].bind(handle) as (...given: unknown[]) => Promise<unknown>
      return [
        name,
        async (...given: unknown[]) => {
          // A file is closed whatever its last error is (Linux, close(2)).
          if (name === 'close') await work()
          check(name, place)
          if (name === 'close') return
          if (name === 'write' && shortest !== null && ArrayBuffer.isView(given[0])) {
            const [bytes, offset, length, position] = given as [Uint8Array, number, number, number]
            return await work(bytes, offset, Math.min(length, shortest), position)
          }
          return await work(...given)
        },
      ]
    })
    return Object.assign(handle, Object.fromEntries(wrapped))
  }

  return {
    disk: { ...onPaths, open } as Disk,
    fail(fault) {
      const active = { fault, seen: 0 }
      faults.add(active)
      return () => faults.delete(active)
    },
    shortenWrites(bytes) {
      shortest = bytes
    },
    setFree(bytes) {
      free = bytes
    },
    failures: () => failed,
  }
}

import type { FileHandle } from 'node:fs/promises'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'

/** What can be held before it is done; `read` and `close` are those of an open file. */
export type HeldOperation = 'stat' | 'unlink' | 'link' | 'read' | 'close'

/** The real disk, on which one operation can be made to wait while something else happens. */
export interface HoldingDisk {
  readonly disk: Disk
  /** From now on the first such operation at such a place waits until `letGo`. Of two names the second is meant. */
  holdNext(operation: HeldOperation, isAt: (place: string) => boolean): void
  isHeld(): Promise<boolean>
  letGo(): void
}

export function createHoldingDisk(): HoldingDisk {
  let next: { readonly operation: HeldOperation; readonly isAt: (place: string) => boolean } | null = null
  let go: (() => void) | null = null

  async function pass(operation: HeldOperation, place: unknown): Promise<void> {
    if (next?.operation !== operation || !next.isAt(String(place))) return
    next = null
    await new Promise<void>((resolve) => {
      go = resolve
    })
  }

  function wrap(handle: FileHandle, place: unknown): FileHandle {
    const close = handle.close.bind(handle)
    const read = handle.read.bind(handle) as (...given: unknown[]) => Promise<unknown>
    return Object.assign(handle, {
      async read(...given: unknown[]) {
        await pass('read', place)
        return await read(...given)
      },
      async close() {
        await pass('close', place)
        await close()
      },
    })
  }

  const disk: Disk = {
    ...realDisk,
    stat: (async (place: string) => {
      await pass('stat', place)
      return await realDisk.stat(place)
    }) as Disk['stat'],
    async unlink(place) {
      await pass('unlink', place)
      await realDisk.unlink(place)
    },
    async link(from, to) {
      await pass('link', to)
      await realDisk.link(from, to)
    },
    open: async (place, flags, mode) => wrap(await realDisk.open(place, flags, mode), place),
  }

  return {
    disk,
    holdNext(operation, isAt) {
      next = { operation, isAt }
    },
    isHeld: async () => go !== null,
    letGo() {
      next = null
      go?.()
      go = null
    },
  }
}

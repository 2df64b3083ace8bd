import type { Log } from '../ports.ts'

/** Work that nobody waits for, until the queue is closed. */
export interface QueueBackground {
  /** A failure goes to the log. */
  add(work: Promise<void>): void
  /** Returns when nothing is at work any more, what was added meanwhile included. */
  settled(): Promise<void>
}

export function createQueueBackground(log: Log): QueueBackground {
  const background = new Set<Promise<void>>()
  return {
    add(work) {
      const tracked = work
        .catch((error: unknown) => log.error({ error }, 'work for the queue failed'))
        .finally(() => background.delete(tracked))
      background.add(tracked)
    },
    async settled() {
      while (background.size > 0) await Promise.all(background)
    },
  }
}

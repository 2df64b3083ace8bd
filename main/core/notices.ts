import type { EventHub } from './event-hub.ts'
import type { Notices } from './needs.ts'

export interface Notice {
  readonly code: string
  readonly message: string
}

/** The notices that are on the screen, one for each code, in the order they came. */
export interface NoticeBoard extends Notices {
  list(): readonly Notice[]
  dismiss(code: string): void
}

export function createNoticeBoard(events: EventHub): NoticeBoard {
  const notices = new Map<string, string>()
  return {
    add(code, message) {
      notices.set(code, message)
      events.emit({ type: 'notices.changed' })
    },
    list: () => [...notices].map(([code, message]) => ({ code, message })),
    dismiss(code) {
      if (notices.delete(code)) events.emit({ type: 'notices.changed' })
    },
  }
}

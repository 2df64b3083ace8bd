import type { CoreEvent } from '../../contract/events.ts'
import type { Log } from './ports.ts'

/** Hands the core's events to whoever listens; a listener that throws does not keep the others from hearing. */
export interface EventHub {
  emit(event: CoreEvent): void
  /** The answer stops it. */
  subscribe(listener: (event: CoreEvent) => void): () => void
}

export function createEventHub(log: Log): EventHub {
  const listeners = new Set<(event: CoreEvent) => void>()
  return {
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          log.error({ error, event: event.type }, 'a listener of core events failed')
        }
      }
    },
    subscribe(listener) {
      const entry = (event: CoreEvent) => listener(event)
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
  }
}

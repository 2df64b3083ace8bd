/** Holds all downloads back together while the server is in trouble, so that each does not knock by itself. Instants are milliseconds since 1970. */
export interface ServerBreaker {
  /**
   * A download failed with trouble of the server and would try again at `retryAt`. One such failure may be about its file alone; the second
   * download that fails so, with nothing gained in between, or one that was asked for peace (`isForAll`), holds all of them back.
   */
  failed(id: string, retryAt: number, isForAll: boolean): void
  /** Something was gained: the server works. */
  succeeded(): void
  /** Until when nothing is begun; null when nothing holds it. */
  heldUntil(now: number): number | null
}

export function createServerBreaker(longestMs: number): ServerBreaker {
  let troubled = new Set<string>()
  let until = 0
  return {
    failed(id, retryAt, isForAll) {
      troubled.add(id)
      if (isForAll || troubled.size > 1) until = Math.max(until, retryAt)
    },
    succeeded() {
      troubled = new Set()
      until = 0
    },
    // A wait that seems longer than any comes from a clock that was set back.
    heldUntil: (now) => (until > now && until - now <= longestMs ? until : null),
  }
}

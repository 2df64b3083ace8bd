/** Holds all downloads back together while the server is in trouble, so that each does not knock by itself. Instants are milliseconds since 1970. */
export interface ServerBreaker {
  /**
   * A download failed with trouble of the server and would try again at `retryAt`. One such failure may be about its file alone; the second
   * download that fails so, with nothing gained in between, holds all of them back. So does one that was asked for peace (`isAsked`), and what
   * is gained meanwhile on connections that are open does not end that.
   */
  failed(id: string, retryAt: number, isAsked: boolean): void
  /** Something was gained: the server works. */
  succeeded(): void
  /** Until when nothing is begun; null when nothing holds it. */
  heldUntil(now: number): number | null
}

export function createServerBreaker(longestMs: number): ServerBreaker {
  const troubled = new Set<string>()
  let inTroubleUntil = 0
  let askedUntil = 0
  return {
    failed(id, retryAt, isAsked) {
      troubled.add(id)
      if (isAsked) askedUntil = Math.max(askedUntil, retryAt)
      if (troubled.size > 1) inTroubleUntil = Math.max(inTroubleUntil, retryAt)
    },
    succeeded() {
      troubled.clear()
      inTroubleUntil = 0
    },
    heldUntil(now) {
      // A wait that seems longer than any comes from a clock that was set back; and one that is over does not come again when it is.
      const left = (until: number) => (until > now && until - now <= longestMs ? until : 0)
      inTroubleUntil = left(inTroubleUntil)
      askedUntil = left(askedUntil)
      return Math.max(inTroubleUntil, askedUntil) || null
    },
  }
}

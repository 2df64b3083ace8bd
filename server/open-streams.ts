/** One download being sent by this process. */
export interface OpenStream {
  readonly tokenId: string
  readonly attemptId: string
  /** Cuts the connection: what was promised by Content-Length does not arrive, so no client takes it for the whole. */
  readonly end: () => void
  /** Settles when the stream has ended and its counter is written. */
  readonly closed: Promise<void>
}

/** The downloads that this process is sending now; whoever closes an attempt or stops the server ends them here. */
export interface OpenStreams {
  add(stream: OpenStream): void
  list(): readonly OpenStream[]
  endOfAttempt(attemptId: string): void
  /** Ends all, then waits until their counters are written. */
  endAll(): Promise<void>
}

export function createOpenStreams(): OpenStreams {
  const open = new Set<OpenStream>()
  return {
    add(stream) {
      open.add(stream)
      void stream.closed.finally(() => open.delete(stream))
    },
    list: () => [...open],
    endOfAttempt(attemptId) {
      for (const stream of open) if (stream.attemptId === attemptId) stream.end()
    },
    async endAll() {
      const ending = [...open]
      for (const stream of ending) stream.end()
      await Promise.all(ending.map(({ closed }) => closed))
    },
  }
}

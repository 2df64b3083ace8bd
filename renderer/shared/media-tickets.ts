interface Asked {
  readonly id: string
  resolve(address: string): void
  reject(error: unknown): void
}

/** Tickets are good for an hour; one older than this is asked for again. */
const KEEP_MS = 50 * 60_000

/** Turns media ids into addresses with tickets, asking for all ids of one moment in one request. */
export function createMediaTickets(request: (ids: readonly string[]) => Promise<Readonly<Record<string, string>>>) {
  const kept = new Map<string, { address: Promise<string>; since: number }>()
  let asked: Asked[] = []

  async function flush(): Promise<void> {
    const batch = asked
    asked = []
    try {
      const addresses = await request([...new Set(batch.map(({ id }) => id))])
      for (const { id, resolve, reject } of batch) {
        const address = addresses[id]
        if (address === undefined) reject(new Error(`No ticket for ${id}`))
        else resolve(address)
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return function mediaAddress(id: string): Promise<string> {
    const known = kept.get(id)
    if (known !== undefined && Date.now() - known.since < KEEP_MS) return known.address
    const address = new Promise<string>((resolve, reject) => {
      if (asked.length === 0) queueMicrotask(() => void flush())
      asked.push({ id, resolve, reject })
    })
    kept.set(id, { address, since: Date.now() })
    address.catch(() => kept.delete(id))
    return address
  }
}

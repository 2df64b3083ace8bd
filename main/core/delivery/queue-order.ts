/** One that has not ended, and its place among all. */
export interface Placed {
  readonly id: string
  readonly position: number
}

/** The order of all that has not ended, in memory, so that a place is found without counting rows. */
export interface QueueOrder {
  /** How many stand before it; the length of the queue for one that is not in it. */
  placeOf(id: string): number
  /** Puts it at a position, last among equals; one that is in the queue leaves its old place. */
  put(id: string, position: number): void
  remove(id: string): void
  /** A position after all others. */
  end(): number
  /** The position with which `id` stands before `next`, or last where `next` is null; null when there is no room between two numbers. */
  positionBefore(id: string, next: string | null): number | null
  /** All ids in order. */
  ids(): readonly string[]
}

export function createQueueOrder(placed: readonly Placed[]): QueueOrder {
  const order = [...placed]
  const positions = new Map(order.map(({ id, position }) => [id, position]))

  /** Where the first stands whose position is not below. */
  function lowerBound(position: number): number {
    let low = 0
    let high = order.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((order[middle]?.position ?? 0) < position) low = middle + 1
      else high = middle
    }
    return low
  }

  function indexOf(id: string): number {
    const position = positions.get(id)
    if (position === undefined) return order.length
    let index = lowerBound(position)
    while (index < order.length && order[index]?.id !== id) index++
    return index
  }

  function remove(id: string): void {
    const index = indexOf(id)
    if (index < order.length) order.splice(index, 1)
    positions.delete(id)
  }

  return {
    placeOf: indexOf,
    remove,
    put(id, position) {
      remove(id)
      let index = lowerBound(position)
      while (order[index]?.position === position) index++
      order.splice(index, 0, { id, position })
      positions.set(id, position)
    },
    end: () => (order.at(-1)?.position ?? 0) + 1,
    positionBefore(id, next) {
      const others = order[indexOf(id)] === undefined ? order : order.filter((one) => one.id !== id)
      const index = next === null ? -1 : others.findIndex((one) => one.id === next)
      if (index < 0) return (others.at(-1)?.position ?? 0) + 1
      const after = others[index]?.position ?? 0
      const before = others[index - 1]?.position
      if (before === undefined) return after - 1
      const between = (before + after) / 2
      return between > before && between < after ? between : null
    },
    ids: () => order.map(({ id }) => id),
  }
}

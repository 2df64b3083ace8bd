import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createQueueOrder } from './queue-order.ts'

describe('DL6: the order of the queue', () => {
  it('is that of a list in which things are moved, whatever is moved where', () => {
    const moves = fc.array(fc.tuple(fc.nat(11), fc.nat(12), fc.constantFrom('move', 'remove', 'add')), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(moves, (all) => {
        const order = createQueueOrder([])
        let list: string[] = []
        for (const [one, place, what] of all) {
          const id = `d${one}`
          const others = list.filter((other) => other !== id)
          if (what === 'add') {
            order.put(id, order.end())
            list = [...others, id]
          } else if (what === 'remove') {
            order.remove(id)
            list = others
          } else if (list.includes(id)) {
            const position = order.positionBefore(id, others[place] ?? null)
            if (position === null) continue
            order.put(id, position)
            list = others.toSpliced(place, 0, id)
          }
          expect(order.ids()).toEqual(list)
          for (const [index, known] of list.entries()) expect(order.placeOf(known)).toBe(index)
        }
        expect(order.placeOf('unknown')).toBe(list.length)
      }),
      { numRuns: 300 },
    )
  })

  it('says when no number is left between two neighbours', () => {
    const order = createQueueOrder([
      { id: 'a', position: 1 },
      { id: 'b', position: 1 + Number.EPSILON },
      { id: 'c', position: 3 },
    ])
    expect(order.positionBefore('c', 'b')).toBeNull()
    expect(order.positionBefore('c', 'a')).toBe(0)
    expect(order.positionBefore('a', 'c')).toBeCloseTo(2)
  })
})

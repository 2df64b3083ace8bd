import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { PaymentStatus } from '../../../contract/commerce.ts'
import { isOpen, nextStatus, totalOf } from './rules.ts'

const NEWS = ['authorized', 'captured', 'failed', 'cancelled'] as const
type News = (typeof NEWS)[number]

function permutations<T>(items: readonly T[]): T[][] {
  return items.length <= 1
    ? [[...items]]
    : items.flatMap((item, at) =>
        permutations([...items.slice(0, at), ...items.slice(at + 1)]).map((rest) => [item, ...rest]),
      )
}

const play = (news: readonly News[]): PaymentStatus =>
  news.reduce<PaymentStatus>((status, told) => nextStatus(status, told), 'pending')

describe('the state of a payment', () => {
  test('R-MM-57: in whatever order the same news comes, money that was captured ends as captured', () => {
    for (const order of permutations([...NEWS])) expect(play(order), order.join(' → ')).toBe('captured')
  })

  test('R-MM-59: hearing everything again changes nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...NEWS), { maxLength: 12 }), (news) => {
        const once = play(news)
        if (once === 'captured') expect(play([...news, ...news])).toBe('captured')
        expect(nextStatus(once, 'captured')).toBe('captured')
      }),
    )
  })

  test('a refund follows a capture alone, and nothing follows a refund', () => {
    expect(nextStatus('pending', 'refunded')).toBe('pending')
    expect(nextStatus('captured', 'refunded')).toBe('refunded')
    for (const told of NEWS) expect(nextStatus('refunded', told)).toBe('refunded')
  })

  test('a payment is open until it is decided', () => {
    expect(
      (['created', 'pending', 'authorized', 'captured', 'failed', 'cancelled', 'refunded'] as const).filter(isOpen),
    ).toEqual(['created', 'pending', 'authorized'])
  })

  test('a total is of one currency', () => {
    expect(
      totalOf([
        { minor: 4900, currency: 'INR' },
        { minor: 9900, currency: 'INR' },
      ]),
    ).toEqual({ minor: 14_800, currency: 'INR' })
    expect(() =>
      totalOf([
        { minor: 1, currency: 'INR' },
        { minor: 1, currency: 'USD' },
      ]),
    ).toThrow(/currencies/)
  })
})

import { expect, it } from 'vitest'
import { StatementNames } from './statement-names.ts'

it('a statement gets a name of its own when it comes the third time, and keeps it', () => {
  const names = new StatementNames()
  expect([names.nameOf('select 1'), names.nameOf('select 1')]).toEqual([null, null])
  const name = names.nameOf('select 1')
  expect(name).toMatch(/^[\w-]{24}$/)
  expect(names.nameOf('select 1')).toBe(name)
  for (let times = 0; times < 2; times += 1) names.nameOf('select 2')
  expect(names.nameOf('select 2')).not.toBe(name)
})

it('texts without end do not fill the memory', () => {
  const names = new StatementNames()
  const text = (n: number): string => `select ${n}`
  for (let round = 0; round < 3; round += 1) for (let n = 0; n < 2000; n += 1) names.nameOf(text(n))
  const named = Array.from({ length: 2000 }, (_, n) => names.nameOf(text(n))).filter((name) => name !== null)
  expect(named).toHaveLength(500)
})

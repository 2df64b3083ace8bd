import { expect, it } from 'vitest'
import { StatementCachingDatabase } from './cached-statements.ts'

it('prepares a statement once, keeps it through changes of the schema, and forgets the one that was not used for longest', () => {
  const db = new StatementCachingDatabase(':memory:')
  db.exec('create table numbers (n integer) strict; insert into numbers values (1), (2)')
  const all = db.prepare('select * from numbers order by n')
  expect(db.prepare('select * from numbers order by n')).toBe(all)
  db.exec('alter table numbers add column word text')
  expect(all.all()).toEqual([
    { n: 1, word: null },
    { n: 2, word: null },
  ])
  for (let number = 0; number < 400; number++) {
    expect(db.prepare(`select ${number} as n`).get()).toEqual({ n: number })
    if (number % 100 === 0) expect(db.prepare('select * from numbers order by n')).toBe(all)
  }
  expect(db.prepare('select 0 as n').get()).toEqual({ n: 0 })
  db.close()
  expect(() => db.prepare('select 1').get()).toThrow()
  expect(() => all.all()).toThrow()
})

import { existsSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { EVERY_COUNT, EVERY_START } from './case.ts'
import { CASES, ELSEWHERE, HOW_MANY } from './cases.ts'
import { titleOf } from './run-case.ts'

const LEAST_RUNS = 400
const ROOT = path.join(import.meta.dirname, '../../..')

describe('G1: the table of faults', () => {
  it('has each of the 68, here or where it names a test that is there', () => {
    const here = new Set(CASES.map(({ number }) => number))
    const elsewhere = ELSEWHERE.filter(({ test }) => existsSync(path.join(ROOT, test))).map(({ number }) => number)
    const numbers = Array.from({ length: HOW_MANY }, (_, index) => index + 1)
    expect(numbers.filter((number) => !here.has(number) && !elsewhere.includes(number))).toEqual([])
  })

  it('makes at least 400 runs, each with a title of its own', () => {
    const titles = CASES.flatMap((one) =>
      (one.starts ?? EVERY_START).flatMap((start) =>
        (one.connections ?? EVERY_COUNT).map((connections) => titleOf(one, start, connections)),
      ),
    )
    expect(titles.length).toBeGreaterThanOrEqual(LEAST_RUNS)
    expect(new Set(titles).size).toBe(titles.length)
  })
})

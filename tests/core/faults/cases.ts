import type { FaultCase, ProvedElsewhere } from './case.ts'
import { ANSWER_CASES } from './cases/answer-cases.ts'
import { DISK_CASES } from './cases/disk-cases.ts'
import { LINE_CASES } from './cases/line-cases.ts'
import { NAME_CASES } from './cases/name-cases.ts'
import { NETWORK_CASES } from './cases/network-cases.ts'
import { PROTOCOL_CASES } from './cases/protocol-cases.ts'

/** The 68 faults that a download has to stand, with how each ends. */
export const CASES: readonly FaultCase[] = [
  ...LINE_CASES,
  ...ANSWER_CASES,
  ...NETWORK_CASES,
  ...PROTOCOL_CASES,
  ...DISK_CASES,
  ...NAME_CASES,
]

/** Those whose proof needs a process of its own, two of them, or ten thousand entries. */
export const ELSEWHERE: readonly ProvedElsewhere[] = [
  { number: 57, what: 'kill -9 at any point', test: 'tests/core/chaos/kills.test.ts' },
  {
    number: 58,
    what: 'power cut: un-synced writes are gone or come in another order',
    test: 'tests/core/chaos/crash-states.test.ts',
  },
  {
    number: 68,
    what: 'sizes and offsets above 4 GiB, of a file and inside a pack',
    test: 'tests/core/faults/large.test.ts',
  },
  { number: 60, what: 'two programs on one data folder', test: 'tests/hosts/headless-process.test.ts' },
]

export const HOW_MANY = 68

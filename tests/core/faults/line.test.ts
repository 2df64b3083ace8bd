import { describe } from 'vitest'
import { LINE_CASES } from './cases/line-cases.ts'
import { runCases } from './run-case.ts'

describe('R-DC-13: the line or the other side goes away', () => runCases(LINE_CASES))

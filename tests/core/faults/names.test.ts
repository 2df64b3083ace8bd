import { describe } from 'vitest'
import { NAME_CASES } from './cases/name-cases.ts'
import { runCases } from './run-case.ts'

describe('R-DC-12: names that lead astray, and sizes at the edges', () => runCases(NAME_CASES))

import { describe } from 'vitest'
import { ANSWER_CASES } from './cases/answer-cases.ts'
import { runCases } from './run-case.ts'

describe('R-DC-13: an answer that is wrong, or not what was asked for', () => runCases(ANSWER_CASES))

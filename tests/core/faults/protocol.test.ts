import { describe } from 'vitest'
import { PROTOCOL_CASES } from './cases/protocol-cases.ts'
import { runCases } from './run-case.ts'

describe('R-DC-13: the server refuses, waits, or speaks nonsense', () => runCases(PROTOCOL_CASES))

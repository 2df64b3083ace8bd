import { describe } from 'vitest'
import { NETWORK_CASES } from './cases/network-cases.ts'
import { runCases } from './run-case.ts'

describe('R-DC-13: TLS and the proxies of networks', () => runCases(NETWORK_CASES))

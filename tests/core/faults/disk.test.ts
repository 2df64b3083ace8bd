import { describe } from 'vitest'
import { DISK_CASES } from './cases/disk-cases.ts'
import { runCases } from './run-case.ts'

describe('R-DC-12: the disk, its folders and its clock fail', () => runCases(DISK_CASES))

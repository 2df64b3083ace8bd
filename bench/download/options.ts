import { parseArgs } from 'node:util'
import { AppError } from '../../contract/errors.ts'

export const PARTS = ['single', 'many', 'queue', 'cpu'] as const
export type Part = (typeof PARTS)[number]

/** What a run of the benchmark is to measure. */
export interface BenchOptions {
  readonly parts: ReadonlySet<Part>
  /** Measurements of one file with each program. */
  readonly singleRuns: number
  /** Measurements of many files with each program. */
  readonly manyRuns: number
  /** Bytes of the one file. */
  readonly sizeBytes: number
  readonly files: number
  /** Bytes of each of the many files. */
  readonly fileBytes: number
  readonly isJson: boolean
  /** Run ours once more under the profiler and print where the time goes. */
  readonly isProfiled: boolean
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}

export const USAGE = `npm run bench:download -- [--only ${PARTS.join('|')}] [--runs N] [--size 1GiB] [--files 200] [--file-size 10MB] [--profile] [--json]`

/** Reads the words of the command line. Throws with the usage for what it does not know. */
export function readOptions(words: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      only: { type: 'string' },
      runs: { type: 'string' },
      size: { type: 'string', default: '1GiB' },
      files: { type: 'string', default: '200' },
      'file-size': { type: 'string', default: '10MB' },
      json: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  })
  const only = PARTS.find((part) => part === values.only)
  if (values.only !== undefined && only === undefined)
    throw new AppError('invalid-config', `--only ${values.only} is not known.\n${USAGE}`)
  return {
    parts: new Set(only === undefined ? ['single', 'many', 'queue'] : [only]),
    singleRuns: count(values.runs ?? '7'),
    manyRuns: count(values.runs ?? '5'),
    sizeBytes: bytes(values.size),
    files: count(values.files),
    fileBytes: bytes(values['file-size']),
    isJson: values.json,
    isProfiled: values.profile,
  }
}

function count(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1)
    throw new AppError('invalid-config', `${text} is no number of at least 1.\n${USAGE}`)
  return value
}

function bytes(text: string): number {
  const [, amount = '', unit = ''] = /^([\d.]+)([KMG]i?B)?$/.exec(text) ?? []
  const value = Math.round(Number(amount) * (UNITS[unit] ?? Number.NaN))
  if (amount === '' || !Number.isFinite(value) || value < 1)
    throw new AppError('invalid-config', `${text} is no size, such as 64MiB.\n${USAGE}`)
  return value
}

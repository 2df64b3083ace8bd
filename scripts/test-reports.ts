import { stripVTControlCharacters } from 'node:util'

export interface TestResult {
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
  /** What the runner says of a failure; empty otherwise. */
  readonly failure: string
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages: readonly string[]
    }[]
  }[]
}

interface PlaywrightTest {
  readonly status: string
  readonly expectedStatus: string
  readonly results: readonly { readonly errors: readonly { readonly message?: string }[] }[]
}

interface PlaywrightSuite {
  readonly title: string
  readonly specs: readonly {
    readonly title: string
    readonly tests: readonly PlaywrightTest[]
  }[]
  readonly suites?: readonly PlaywrightSuite[]
}

/** The results in Vitest's JSON report; none when there is no report. A file that can not be loaded is one failed result. */
export function fromVitest(report: unknown): TestResult[] {
  if (report === null) return []
  return (report as VitestReport).testResults.flatMap(({ name, status: ofFile, message, assertionResults }) => {
    const results = assertionResults.map(
      ({ fullName, status, failureMessages }): TestResult => ({
        title: fullName,
        status: status === 'passed' || status === 'failed' ? status : 'skipped',
        failure: failureMessages.join('\n'),
      }),
    )
    const isUnexplained = ofFile === 'failed' && !results.some(({ status }) => status === 'failed')
    return isUnexplained ? [...results, { title: name, status: 'failed' as const, failure: message }] : results
  })
}

/** The results in Playwright's JSON report; none when there is no report. */
export function fromPlaywright(report: unknown): TestResult[] {
  if (report === null) return []
  return (report as { suites: readonly PlaywrightSuite[] }).suites.flatMap((suite) => [
    ...suite.specs.flatMap(({ title, tests }) =>
      tests.map((test) => ({
        title: `${suite.title} ${title}`,
        status: statusOf(test),
        failure: test.results.flatMap(({ errors }) => errors.map(({ message }) => message ?? '')).join('\n'),
      })),
    ),
    ...fromPlaywright({ suites: suite.suites ?? [] }),
  ])
}

/** A test that is expected to fail and does is "expected" too; a flaky one has failed once. */
function statusOf({ status, expectedStatus }: PlaywrightTest): TestResult['status'] {
  if (status === 'skipped') return 'skipped'
  return status === 'expected' && expectedStatus === 'passed' ? 'passed' : 'failed'
}

const MOST_FAILURES = 20
const MOST_LINES = 12

/** What failed, with the first lines of each reason: printed at the end, where a cut log still has it. Empty when nothing did. */
export function failuresText(results: readonly TestResult[]): string {
  const failed = results.filter(({ status }) => status === 'failed')
  const told = failed.slice(0, MOST_FAILURES).map(({ title, failure }) => {
    const lines = stripVTControlCharacters(failure).split('\n').slice(0, MOST_LINES)
    return [`FAILED  ${title}`, ...lines.map((line) => `    ${line}`)].join('\n')
  })
  const more = failed.length - told.length
  return [...told, ...(more > 0 ? [`... and ${more} more`] : [])].join('\n')
}

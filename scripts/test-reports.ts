export interface TestResult {
  readonly title: string
  readonly status: 'passed' | 'failed' | 'skipped'
}

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[]
  }[]
}

interface PlaywrightSuite {
  readonly title: string
  readonly specs: readonly {
    readonly title: string
    readonly tests: readonly { readonly status: string; readonly expectedStatus: string }[]
  }[]
  readonly suites?: readonly PlaywrightSuite[]
}

/** The results in Vitest's JSON report; none when there is no report. */
export function fromVitest(report: unknown): TestResult[] {
  if (report === null) return []
  return (report as VitestReport).testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({
      title: fullName,
      status: status === 'passed' || status === 'failed' ? status : 'skipped',
    })),
  )
}

/** The results in Playwright's JSON report; none when there is no report. */
export function fromPlaywright(report: unknown): TestResult[] {
  if (report === null) return []
  return (report as { suites: readonly PlaywrightSuite[] }).suites.flatMap((suite) => [
    ...suite.specs.flatMap(({ title, tests }) =>
      tests.map((test) => ({ title: `${suite.title} ${title}`, status: statusOf(test) })),
    ),
    ...fromPlaywright({ suites: suite.suites ?? [] }),
  ])
}

/** A test that is expected to fail and does is "expected" too; a flaky one has failed once. */
function statusOf({ status, expectedStatus }: { status: string; expectedStatus: string }): TestResult['status'] {
  if (status === 'skipped') return 'skipped'
  return status === 'expected' && expectedStatus === 'passed' ? 'passed' : 'failed'
}

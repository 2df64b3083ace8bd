import { expect, test } from 'vitest'
import { failuresText, fromPlaywright, fromVitest } from './test-reports.ts'

const passed = { fullName: 'a part does one thing', status: 'passed', failureMessages: [] }
const failed = {
  fullName: 'a part does another',
  status: 'failed',
  failureMessages: ['\u001B[31mexpected 1\u001B[39m\nat line 3'],
}

test('what failed is told with its reason, without colours', () => {
  const results = fromVitest({
    testResults: [{ name: 'part.test.ts', status: 'failed', message: '', assertionResults: [passed, failed] }],
  })
  expect(results.map(({ status }) => status)).toEqual(['passed', 'failed'])
  expect(failuresText(results)).toBe('FAILED  a part does another\n    expected 1\n    at line 3')
})

test('a file that can not be loaded is a failure by its name', () => {
  const results = fromVitest({
    testResults: [{ name: 'broken.test.ts', status: 'failed', message: 'no such module', assertionResults: [] }],
  })
  expect(failuresText(results)).toBe('FAILED  broken.test.ts\n    no such module')
})

test('a browser test that passed only at a second try has failed', () => {
  const flaky = {
    status: 'flaky',
    expectedStatus: 'passed',
    results: [{ errors: [{ message: 'too late' }] }, { errors: [] }],
  }
  const results = fromPlaywright({ suites: [{ title: 'buy.spec.ts', specs: [{ title: 'buys', tests: [flaky] }] }] })
  expect(failuresText(results)).toBe('FAILED  buy.spec.ts buys\n    too late')
})

test('nothing is told when nothing failed, and a flood is cut', () => {
  const one = (status: string, index: number) => ({ fullName: `test ${index}`, status, failureMessages: [] })
  const report = (status: string, count: number) => ({
    testResults: [
      { name: 'x', status, message: '', assertionResults: Array.from({ length: count }, (_, at) => one(status, at)) },
    ],
  })
  expect(failuresText(fromVitest(report('passed', 3)))).toBe('')
  expect(
    failuresText(fromVitest(report('failed', 50)))
      .split('\n')
      .at(-1),
  ).toBe('... and 30 more')
})

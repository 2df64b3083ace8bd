import { expect, it } from 'vitest'
import { DownloadStatus } from '../../../contract/delivery.ts'
import { outcomeOf } from './everything-outcome.ts'

const reason = { code: 'storage-unavailable', message: 'Away' }

it('every state that goes on, or waits for somebody, leaves the report open', () => {
  const ends: readonly DownloadStatus[] = ['done', 'failed', 'cancelled', 'ended']
  for (const status of DownloadStatus.options)
    expect([status, outcomeOf({ status, reason, failures: 3 }) !== null]).toEqual([status, ends.includes(status)])
})

it.each([
  ['storage-unavailable', 7, null],
  ['storage-unavailable', 8, 'failed'],
  ['corrupt-source', 20, 'failed'],
  ['rate-limited', 100, null],
  ['server-busy', 100, null],
  ['offline', 100, null],
  ['proxy-refused', 100, null],
] as const)('stalled by %s after %i failures: %s', (code, failures, outcome) => {
  const standing = { status: 'stalled', reason: { code, message: 'Why' }, failures } as const
  expect(outcomeOf(standing)?.type ?? null).toBe(outcome)
})

it('says why', () => {
  expect(outcomeOf({ status: 'failed', reason, failures: 1 })).toEqual({ type: 'failed', ...reason })
  expect(outcomeOf({ status: 'cancelled', reason: null, failures: 0 })).toMatchObject({ code: 'cancelled' })
  expect(outcomeOf({ status: 'failed', reason: null, failures: 1 })).toMatchObject({ code: 'internal' })
})

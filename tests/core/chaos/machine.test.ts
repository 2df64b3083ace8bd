import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DownloadStatus } from '../../../contract/delivery.ts'
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import {
  type DownloadCommand,
  type DownloadEffect,
  type DownloadEvent,
  type DownloadState,
  hasEnded,
  isUnderWay,
  mayCommand,
  NEW_DOWNLOAD,
  step,
} from '../../../main/core/delivery/download-machine.ts'
import {
  isTimed,
  isWaiting,
  LONGEST_RETRY_AFTER_MS,
  type WaitingStatus,
} from '../../../main/core/delivery/retry-rules.ts'

const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[]
const NOW = Date.UTC(2026, 10, 21, 12)
const COMMANDS: readonly DownloadCommand[] = ['pause', 'resume', 'retry', 'cancel']
const WAITING = DownloadStatus.options.filter(isWaiting)

/** Every event that there is, for the present run and for one that is over. */
function events(run: number): DownloadEvent[] {
  const runs = [run, run - 1]
  return [
    ...COMMANDS.map((type) => ({ type })),
    { type: 'slot-given' },
    { type: 'due' },
    { type: 'server-reached' },
    { type: 'metered' },
    { type: 'suspended' },
    { type: 'postponed', until: NOW + 60_000 },
    ...WAITING.map((of: WaitingStatus) => ({ type: 'cured' as const, of })),
    ...runs.flatMap((number) => [
      { type: 'granted' as const, run: number },
      { type: 'gained' as const, run: number },
      { type: 'all-here' as const, run: number },
      { type: 'finished' as const, run: number },
      ...ERROR_CODES.map((code) => ({
        type: 'failed' as const,
        run: number,
        code,
        message: code,
        retryAfterMs: null,
        jitter: 0.5,
      })),
    ]),
  ]
}

/** What makes two states the same for every decision to come. */
function kindOf({ status, reason, retryAt }: DownloadState): string {
  return `${status} ${reason?.code ?? ''} ${retryAt === null ? 'untimed' : 'timed'}`
}

/** Every state that can be reached from a new download, with one way to it. */
function reachable(): Map<string, DownloadState> {
  const found = new Map([[kindOf(NEW_DOWNLOAD), NEW_DOWNLOAD]])
  const open = [NEW_DOWNLOAD]
  for (let state = open.pop(); state !== undefined; state = open.pop()) {
    for (const event of events(state.run)) {
      const [next] = step(state, event, NOW)
      if (found.has(kindOf(next))) continue
      found.set(kindOf(next), next)
      open.push(next)
    }
  }
  return found
}

function assertStep(
  before: DownloadState,
  event: DownloadEvent,
  [after, effects]: readonly [DownloadState, readonly DownloadEffect[]],
): void {
  const why = `${before.status} on ${event.type}`
  // A run begins when it gets its place, and has a number of its own.
  expect(effects.includes('run'), why).toBe(!isUnderWay(before.status) && isUnderWay(after.status))
  if (effects.includes('run')) expect(after.run, why).toBe(before.run + 1)
  else expect(after.run, why).toBe(before.run)
  // One that is at work is stopped by whoever takes its place away, unless it ended by itself.
  const endedItself = event.type === 'finished' || event.type === 'failed'
  if (isUnderWay(before.status) && !isUnderWay(after.status) && !endedItself) expect(effects, why).toContain('stop')
  if (effects.includes('stop')) expect(isUnderWay(before.status), why).toBe(true)
  // What was given up is removed, and nothing else ever is.
  expect(effects.includes('discard'), why).toBe(
    after !== before && (after.status === 'cancelled' || after.status === 'ended'),
  )
  if (hasEnded(before.status)) expect(after, why).toBe(before)
  // Whoever waits for time knows the time; whoever waits or failed says why; whoever does not, has no reason.
  expect(after.retryAt !== null, why).toBe(isTimed(after.status) && after.reason !== null)
  if (isWaiting(after.status) || after.status === 'failed' || after.status === 'ended')
    expect(after.reason, why).not.toBeNull()
  if (isUnderWay(after.status) || after.status === 'queued' || after.status === 'paused')
    expect(after.retryAt, why).toBeNull()
  if (COMMANDS.some((command) => command === event.type))
    expect(after !== before, why).toBe(mayCommand(before.status, event.type as DownloadCommand))
  if ('run' in event && event.run !== before.run) expect(after, why).toBe(before)
}

test('R-DC-11, DL8: every event in every state that can be reached keeps the promises of the machine', () => {
  const states = reachable()
  expect(new Set([...states.values()].map(({ status }) => status))).toEqual(new Set(DownloadStatus.options))
  for (const state of states.values())
    for (const event of events(state.run)) assertStep(state, event, step(state, event, NOW))
})

test('DL8: no state is a trap: each but an ended one comes to done by what may still happen, and time alone frees those that wait for time', () => {
  for (const start of reachable().values()) {
    if (hasEnded(start.status)) continue
    let state = start
    if (isTimed(state.status)) state = step(state, { type: 'due' }, (state.retryAt ?? 0) + 1)[0]
    else if (isWaiting(state.status)) state = step(state, { type: 'cured', of: state.status }, NOW)[0]
    else if (state.status === 'paused') state = step(state, { type: 'resume' }, NOW)[0]
    else if (state.status === 'failed') state = step(state, { type: 'retry' }, NOW)[0]
    if (state.status === 'queued') state = step(state, { type: 'slot-given' }, NOW)[0]
    expect(isUnderWay(state.status), kindOf(start)).toBe(true)
    expect(step(state, { type: 'finished', run: state.run }, NOW)[0].status).toBe('done')
  }
})

test('DL8: in 5,000 random lives no wait is longer than an hour, and a clock that is set back holds nothing up', () => {
  const life = fc.array(
    fc.tuple(fc.nat(), fc.integer({ min: -LONGEST_RETRY_AFTER_MS * 3, max: LONGEST_RETRY_AFTER_MS * 3 })),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(life, (moments) => {
      let state = NEW_DOWNLOAD
      let now = NOW
      for (const [which, passed] of moments) {
        now += passed
        const possible = events(state.run)
        const event = possible[which % possible.length]
        if (event === undefined) continue
        const next = step(state, event, now)
        assertStep(state, event, next)
        const hasFailed = event.type === 'failed' && next[0] !== state
        state = next[0]
        if (state.retryAt === null) continue
        const later = step(state, { type: 'due' }, now + LONGEST_RETRY_AFTER_MS + 1)[0]
        if (hasFailed) expect(later.status).toBe('queued')
        expect(step(state, { type: 'due' }, state.retryAt - LONGEST_RETRY_AFTER_MS - 1)[0].status).toBe('queued')
      }
    }),
    { numRuns: 5_000, seed: 20_261_121 },
  )
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DownloadStatus } from '../../../contract/delivery.ts'
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import { type DownloadEvent, type DownloadState, isUnderWay, NEW_DOWNLOAD, step } from './download-machine.ts'

const NOW = 1_000_000

function reached(...events: DownloadEvent[]): DownloadState {
  return events.reduce((state, event) => step(state, event, NOW)[0], NEW_DOWNLOAD)
}

function failed(code: ErrorCode, run = 1, retryAfterMs: number | null = null): DownloadEvent {
  return { type: 'failed', run, code, message: ERRORS[code].title, retryAfterMs, jitter: 0 }
}

const given: DownloadEvent = { type: 'slot-given' }
const downloading: DownloadEvent[] = [given, { type: 'granted', run: 1 }]

describe('R-DC-11: a download goes its way', () => {
  it('queued, preparing, downloading, verifying, done', () => {
    const events: DownloadEvent[] = [...downloading, { type: 'all-here', run: 1 }, { type: 'finished', run: 1 }]
    const statuses = events.map((_, index) => reached(...events.slice(0, index + 1)).status)
    expect(statuses).toEqual(['preparing', 'downloading', 'verifying', 'done'])
  })

  it('begins a run when a slot is given, and only from the queue', () => {
    expect(step(NEW_DOWNLOAD, given, NOW)[1]).toEqual(['run'])
    for (const status of DownloadStatus.options.filter((option) => option !== 'queued')) {
      expect(step({ ...NEW_DOWNLOAD, status }, given, NOW)).toEqual([{ ...NEW_DOWNLOAD, status }, []])
    }
  })

  it('goes back from verifying to downloading when a segment has to come again', () => {
    expect(reached(...downloading, { type: 'all-here', run: 1 }, { type: 'granted', run: 1 }).status).toBe(
      'downloading',
    )
  })

  it.each([
    ['pause', ['queued', 'waiting', 'preparing', 'downloading', 'verifying'], 'paused'],
    ['resume', ['paused'], 'queued'],
    ['retry', ['failed', 'waiting'], 'queued'],
    ['cancel', ['queued', 'waiting', 'preparing', 'downloading', 'verifying', 'paused', 'failed'], 'cancelled'],
  ] as const)('%s works from %j alone', (type, from, to) => {
    for (const status of DownloadStatus.options) {
      const state: DownloadState = { ...NEW_DOWNLOAD, status, run: 3 }
      const [next, effects] = step(state, { type }, NOW)
      expect(next.status).toBe((from as readonly string[]).includes(status) ? to : status)
      expect(effects.includes('stop')).toBe((type === 'pause' || type === 'cancel') && isUnderWay(status))
      expect(effects.includes('discard')).toBe(type === 'cancel' && (from as readonly string[]).includes(status))
    }
  })

  it('pausing wins over a late success or failure', () => {
    for (const late of [
      { type: 'finished', run: 1 } as const,
      failed('offline'),
      { type: 'all-here', run: 1 } as const,
    ]) {
      expect(reached(...downloading, { type: 'pause' }, late).status).toBe('paused')
    }
  })

  it('does not hear an older run', () => {
    const second = reached(...downloading, { type: 'pause' }, { type: 'resume' }, given)
    expect(second).toMatchObject({ status: 'preparing', run: 2 })
    expect(step(second, failed('disk-error', 1), NOW)).toEqual([second, []])
    expect(step(second, { type: 'finished', run: 1 }, NOW)).toEqual([second, []])
  })
})

describe('R-DC-13: a download that fails goes on by itself', () => {
  it('waits longer from failure to failure, never more than 5 minutes', () => {
    let state = NEW_DOWNLOAD
    const waits: number[] = []
    for (let run = 1; run <= 12; run++) {
      state = step(state, given, NOW)[0]
      state = step(state, failed('offline', run), NOW)[0]
      expect(state.status).toBe('waiting')
      waits.push((state.retryAt ?? 0) - NOW)
      state = step(state, { type: 'due' }, state.retryAt ?? 0)[0]
      expect(state.status).toBe('queued')
    }
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000])
    expect(Math.max(...waits)).toBe(150_000)
  })

  it('is not due before its time', () => {
    const waiting = reached(...downloading, failed('server-busy'))
    expect(step(waiting, { type: 'due' }, (waiting.retryAt ?? 0) - 1)[0].status).toBe('waiting')
    expect(step(waiting, { type: 'due' }, waiting.retryAt ?? 0)[0].status).toBe('queued')
  })

  it('is due when the clock was set back by years, for no wait is that long', () => {
    const waiting = reached(...downloading, failed('server-busy'))
    const yearsAgo = NOW - 10 * 365 * 86_400_000
    expect(step(waiting, { type: 'due' }, yearsAgo)[0].status).toBe('queued')
  })

  it('R-DC-24: starts again when the network is back', () => {
    expect(step(reached(...downloading, failed('offline')), { type: 'came-online' }, NOW)[0].status).toBe('queued')
    expect(step(reached(...downloading, failed('captive-portal')), { type: 'came-online' }, NOW)[0].status).toBe(
      'queued',
    )
    expect(step(reached(...downloading, failed('disk-full')), { type: 'came-online' }, NOW)[0].status).toBe('waiting')
  })

  it('obeys Retry-After, up to an hour', () => {
    expect(reached(...downloading, failed('rate-limited', 1, 90_000)).retryAt).toBe(NOW + 90_000)
    expect(reached(...downloading, failed('rate-limited', 1, 9e9)).retryAt).toBe(NOW + 3_600_000)
  })

  it('ends with a reason what no retry can cure', () => {
    const codes = Object.keys(ERRORS).filter((code): code is ErrorCode => ERRORS[code as ErrorCode].retry === 'never')
    for (const code of codes.filter((one) => one !== 'session-expired')) {
      expect(reached(...downloading, failed(code))).toMatchObject({ status: 'failed', reason: { code } })
    }
  })

  it('asks its user after six failures with nothing gained, and counts anew after a gain', () => {
    let state = NEW_DOWNLOAD
    for (let run = 1; run <= 6; run++) {
      expect(state.status).toBe('queued')
      state = step(step(state, given, NOW)[0], failed('corrupt-source', run), NOW)[0]
      if (run < 6) state = step(state, { type: 'due' }, Number.MAX_SAFE_INTEGER)[0]
    }
    expect(state.status).toBe('failed')
    const gained = reached(...downloading, failed('corrupt-source'), { type: 'retry' }, given, {
      type: 'gained',
      run: 2,
    })
    expect(gained.failures).toBe(0)
  })

  it('keeps an ended session waiting instead of losing its place', () => {
    expect(reached(...downloading, failed('session-expired')).status).toBe('waiting')
  })

  it('takes up after a restart what was under way, and leaves the rest', () => {
    for (const status of DownloadStatus.options) {
      const [next] = step({ ...NEW_DOWNLOAD, status }, { type: 'suspended' }, NOW)
      expect(next.status).toBe(isUnderWay(status) ? 'queued' : status)
    }
  })
})

const anyCode = fc.constantFrom(...(Object.keys(ERRORS) as ErrorCode[]))
const run = fc.integer({ min: 0, max: 4 })
const anyEvent: fc.Arbitrary<DownloadEvent> = fc.oneof(
  fc.constantFrom(
    ...(['slot-given', 'pause', 'resume', 'retry', 'cancel', 'due', 'came-online', 'suspended'] as const).map(
      (type) => ({ type }),
    ),
  ),
  fc.record({ type: fc.constantFrom('granted', 'gained', 'all-here', 'finished'), run }),
  fc.record({
    type: fc.constant('failed' as const),
    run,
    code: anyCode,
    message: fc.constant('why'),
    retryAfterMs: fc.option(fc.integer({ min: 0, max: 1e10 })),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
)

describe('R-DC-11: whatever happens in whatever order', () => {
  it('keeps its promises', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(anyEvent, fc.nat(600_000)), { maxLength: 60 }), (events) => {
        let state = NEW_DOWNLOAD
        let now = NOW
        let runs = 0
        for (const [event, passed] of events) {
          now += passed
          const before = state
          const [next, effects] = step(state, event, now)
          state = next
          runs += effects.filter((effect) => effect === 'run').length
          if (before.status === 'done' || before.status === 'cancelled') expect(next).toEqual(before)
          if (effects.includes('run')) expect(next.status).toBe('preparing')
          if (isUnderWay(before.status) && !isUnderWay(next.status) && !('run' in event))
            expect(effects).toContain('stop')
          if (next.status === 'waiting') expect(next.retryAt).toBeGreaterThanOrEqual(now - 600_000 * 60)
          expect(next.status === 'waiting').toBe(next.retryAt !== null)
          expect(next.reason !== null).toBe(next.status === 'waiting' || next.status === 'failed')
          if (next.status === 'done' && before.status !== 'done') expect(event.type).toBe('finished')
          if (before.status === 'paused' && next.status !== 'paused') expect(['resume', 'cancel']).toContain(event.type)
        }
        expect(state.run).toBe(runs)
      }),
      { numRuns: 2_000 },
    )
  })
})

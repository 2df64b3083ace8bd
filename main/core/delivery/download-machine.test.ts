import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DownloadStatus } from '../../../contract/delivery.ts'
import { ERRORS, type ErrorCode } from '../../../contract/errors.ts'
import { type DownloadEvent, type DownloadState, hasEnded, isUnderWay, NEW_DOWNLOAD, step } from './download-machine.ts'
import { isTimed, isWaiting, statusAfterFailure, type WaitingStatus } from './retry-rules.ts'

const NOW = 1_000_000

const WAITING: readonly WaitingStatus[] = [
  'stalled',
  'waiting-for-network',
  'waiting-for-drive',
  'needs-sign-in',
  'needs-device',
  'needs-space',
  'needs-folder',
  'needs-consent',
]

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
    ['pause', ['queued', 'preparing', 'downloading', 'verifying', ...WAITING], 'paused'],
    ['resume', ['paused'], 'queued'],
    ['retry', ['failed', ...WAITING], 'queued'],
    ['cancel', ['queued', 'preparing', 'downloading', 'verifying', 'paused', 'failed', ...WAITING], 'cancelled'],
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
    const waits = waitsOf('internal')
    expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000])
    expect(Math.max(...waits)).toBe(150_000)
  })

  it('DL8: however often it fails, what time may cure is stalled and never failed; damaged bytes are asked for an hour apart at most', () => {
    const codes = Object.keys(ERRORS).filter(
      (code): code is ErrorCode => statusAfterFailure(code as ErrorCode) === 'stalled',
    )
    expect(codes).toEqual(expect.arrayContaining(['slow-connection', 'server-busy', 'rate-limited', 'corrupt-source']))
    for (const code of codes) expect(waitsOf(code), code).toHaveLength(16)
    expect(Math.max(...waitsOf('corrupt-source'))).toBe(1_800_000)
  })

  /** The waits after each of sixteen failures in a row, with the least jitter. */
  function waitsOf(code: ErrorCode): number[] {
    let state = NEW_DOWNLOAD
    const waits: number[] = []
    for (let run = 1; run <= 16; run++) {
      state = step(state, given, NOW)[0]
      state = step(state, failed(code, run), NOW)[0]
      expect(state.status).toBe('stalled')
      waits.push((state.retryAt ?? 0) - NOW)
      state = step(state, { type: 'due' }, state.retryAt ?? 0)[0]
      expect(state.status).toBe('queued')
    }
    return waits
  }

  it('is not due before its time', () => {
    const waiting = reached(...downloading, failed('server-busy'))
    expect(step(waiting, { type: 'due' }, (waiting.retryAt ?? 0) - 1)[0].status).toBe('stalled')
    expect(step(waiting, { type: 'due' }, waiting.retryAt ?? 0)[0].status).toBe('queued')
  })

  it('is due when the clock was set back by years, for no wait is that long', () => {
    const waiting = reached(...downloading, failed('server-busy'))
    const yearsAgo = NOW - 10 * 365 * 86_400_000
    expect(step(waiting, { type: 'due' }, yearsAgo)[0].status).toBe('queued')
  })

  it('DL7: obeys Retry-After, up to an hour', () => {
    expect(reached(...downloading, failed('rate-limited', 1, 90_000)).retryAt).toBe(NOW + 90_000)
    expect(reached(...downloading, failed('rate-limited', 1, 9e9)).retryAt).toBe(NOW + 3_600_000)
  })

  it('DL7: tries again with the others when the server is in trouble, and not before', () => {
    const waiting = reached(...downloading, failed('server-busy'))
    const [later] = step(waiting, { type: 'postponed', until: NOW + 60_000 }, NOW)
    expect(later).toMatchObject({ status: 'stalled', retryAt: NOW + 60_000 })
    expect(step(later, { type: 'postponed', until: NOW + 1 }, NOW)).toEqual([later, []])
  })

  it('counts its failures anew after a gain', () => {
    const gained = reached(...downloading, failed('corrupt-source'), { type: 'retry' }, given, {
      type: 'gained',
      run: 2,
    })
    expect(gained.failures).toBe(0)
  })

  it('takes up after a restart what was under way, and leaves the rest', () => {
    for (const status of DownloadStatus.options) {
      const [next] = step({ ...NEW_DOWNLOAD, status }, { type: 'suspended' }, NOW)
      expect(next.status).toBe(isUnderWay(status) ? 'queued' : status)
    }
  })
})

describe('DL8: a state says what it waits for, and goes on when that is there', () => {
  it.each<[WaitingStatus, ErrorCode[]]>([
    ['waiting-for-network', ['offline', 'captive-portal']],
    ['waiting-for-drive', ['drive-missing']],
    ['needs-sign-in', ['not-signed-in', 'session-expired', 'fresh-sign-in-required', 'rebind-limit']],
    ['needs-device', ['device-revoked', 'device-unknown', 'device-limit']],
    ['needs-space', ['disk-full']],
    ['needs-folder', ['folder-missing', 'folder-not-writable']],
    ['needs-consent', ['metered-connection']],
    [
      'stalled',
      [
        'server-busy',
        'rate-limited',
        'storage-unavailable',
        'corrupt-source',
        'slow-connection',
        'disk-error',
        'internal',
        'proxy-refused',
        'token-used',
        'content-changed',
      ],
    ],
  ])('%s after %j', (status, codes) => {
    for (const code of codes) {
      const state = reached(...downloading, failed(code))
      expect(state).toMatchObject({ status, reason: { code } })
      for (const of of WAITING)
        expect(step(state, { type: 'cured', of }, NOW)[0].status).toBe(of === status ? 'queued' : status)
    }
  })

  it('keeps the name of the drive and the bytes that are missing, as long as they are what it waits for', () => {
    const drive = { ...failed('drive-missing'), driveName: 'MUSIC' } as DownloadEvent
    expect(reached(...downloading, drive)).toMatchObject({ driveName: 'MUSIC', missingBytes: null })
    const space = { ...failed('disk-full'), missingBytes: 77, driveName: 'MUSIC' } as DownloadEvent
    expect(reached(...downloading, space)).toMatchObject({ driveName: null, missingBytes: 77 })
    expect(reached(...downloading, space, { type: 'retry' })).toMatchObject({ missingBytes: null, reason: null })
  })

  it('R-DC-24: what broke while the server is reached all the same is stalled, and tries again at its time', () => {
    const waiting = reached(...downloading, failed('offline'))
    const [stalled] = step(waiting, { type: 'server-reached' }, NOW)
    expect(stalled).toMatchObject({ status: 'stalled', retryAt: NOW + 500 })
    expect(step(stalled, { type: 'cured', of: 'waiting-for-network' }, NOW)).toEqual([stalled, []])
  })

  it('DL10: a metered connection stops a run without counting a failure', () => {
    const [state, effects] = step(reached(...downloading), { type: 'metered' }, NOW)
    expect([state.status, state.failures, effects]).toEqual(['needs-consent', 0, ['stop']])
    expect(step(NEW_DOWNLOAD, { type: 'metered' }, NOW)[0].status).toBe('needs-consent')
    expect(step({ ...NEW_DOWNLOAD, status: 'paused' }, { type: 'metered' }, NOW)[0].status).toBe('paused')
  })

  it('access that was withdrawn ends it: what is here goes, the reason stays', () => {
    const before = reached(...downloading)
    const [state, effects] = step(before, failed('content-revoked'), NOW)
    expect(state).toMatchObject({ status: 'ended', reason: { code: 'content-revoked' } })
    expect(effects).toEqual(['discard'])
  })

  it('DL16: fails only where trying again cures nothing', () => {
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      const { status } = reached(...downloading, failed(code))
      expect(status === 'failed', code).toBe(ERRORS[code].retry === 'never' && !hasCure(code))
    }
  })

  function hasCure(code: ErrorCode): boolean {
    return [
      'session-expired',
      'fresh-sign-in-required',
      'rebind-limit',
      'device-unknown',
      'device-revoked',
      'device-limit',
      'content-revoked',
    ].includes(code)
  }
})

const anyCode = fc.constantFrom(...(Object.keys(ERRORS) as ErrorCode[]))
const run = fc.integer({ min: 0, max: 4 })
const anyEvent: fc.Arbitrary<DownloadEvent> = fc.oneof(
  fc.constantFrom(
    ...(
      ['slot-given', 'pause', 'resume', 'retry', 'cancel', 'due', 'suspended', 'server-reached', 'metered'] as const
    ).map((type) => ({ type })),
  ),
  fc.record({ type: fc.constant('cured' as const), of: fc.constantFrom(...WAITING) }),
  fc.record({ type: fc.constant('postponed' as const), until: fc.integer({ min: NOW, max: NOW + 3_600_000 }) }),
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
          if (hasEnded(before.status)) expect(next).toEqual(before)
          if (effects.includes('run')) expect(next.status).toBe('preparing')
          if (isUnderWay(before.status) && !isUnderWay(next.status) && !('run' in event))
            expect(effects).toContain('stop')
          expect(isTimed(next.status)).toBe(next.retryAt !== null)
          if (next.retryAt !== null) expect(next.retryAt).toBeGreaterThan(0)
          expect(next.reason !== null).toBe(isWaiting(next.status) || ['failed', 'ended'].includes(next.status))
          if (effects.includes('discard')) expect(['cancelled', 'ended']).toContain(next.status)
          if (next.status === 'done' && before.status !== 'done') expect(event.type).toBe('finished')
          if (before.status === 'paused' && next.status !== 'paused') expect(['resume', 'cancel']).toContain(event.type)
        }
        expect(state.run).toBe(runs)
      }),
      { numRuns: 2_000 },
    )
  })
})

import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Settings } from '../../../contract/app.ts'
import { createManualClock } from '../../../tests/_kit/manual-clock.ts'
import { DEFAULT_SETTINGS } from '../../adapters/default-settings.ts'
import { createSpeedLimits, type SpeedLimits } from './speed-limits.ts'

const MB = 1_000_000
/** The clock of the tests moves by this much, in ms. */
const STEP_MS = 5
const never = new AbortController().signal
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve))

function openLimits(changes: Partial<Settings> = {}, startMs = Date.UTC(2026, 0, 15, 12)) {
  const clock = createManualClock(startMs)
  let settings: Settings = { ...DEFAULT_SETTINGS, ...changes }
  const listeners = new Set<() => void>()
  const limits = createSpeedLimits({
    clock,
    timeZone: () => 'UTC',
    settings: {
      get: () => settings,
      onChange(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
    },
  })
  onTestFinished(() => limits.close())
  return {
    clock,
    limits,
    change(patch: Partial<Settings>) {
      settings = { ...settings, ...patch }
      for (const listener of [...listeners]) listener()
    },
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += STEP_MS) {
        clock.advance(Math.min(STEP_MS, ms - passed))
        await turn()
      }
    },
  }
}

/** A download that takes one piece after the other over several connections, as fast as it may, and never faster than the line. */
function download(limits: SpeedLimits, id: string, { chunk = 16_384, connections = 1, line = 100 * MB } = {}) {
  const stop = new AbortController()
  const counted = { bytes: 0, stop: () => stop.abort() }
  const limit = limits.forDownload(id)
  async function connect(): Promise<void> {
    for (let left = line / 200 / connections; !stop.signal.aborted; left -= chunk) {
      // What the line brings in one step of the clock; then it is the next step's turn.
      while (left <= 0) {
        await turn()
        left += line / 200 / connections
      }
      await limit.take(chunk, stop.signal)
      if (!stop.signal.aborted) counted.bytes += chunk
      limits.noteTaken(chunk)
    }
  }
  for (let index = 0; index < connections; index++) void connect()
  onTestFinished(counted.stop)
  return counted
}

describe('DL9: the limit over all downloads', () => {
  test('DL9: nothing waits where nothing limits', async () => {
    const { limits } = openLimits()
    await limits.forDownload('a').take(1e12, never)
    expect(limits.effective()).toEqual({ bytesPerSecond: null, source: 'none', until: null })
    expect(limits.forDownload('a').bytesPerSecond()).toBeNull()
  })

  test('DL9: any rate with pieces of any size is kept within 10 % over 5 s, and no quarter of a second brings more than two', async () => {
    const runs = fc.record({
      rate: fc.double({ min: 4, max: Math.log10(50 * MB), noNaN: true }).map((power) => Math.round(10 ** power)),
      chunk: fc.double({ min: 0, max: 18, noNaN: true }).map((power) => Math.floor(2 ** power)),
      downloads: fc.integer({ min: 1, max: 4 }),
      connections: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(runs, async ({ rate, chunk: anyChunk, downloads, connections }) => {
        // Bounds the pieces of one run of the test, not those of one second.
        const chunk = Math.max(anyChunk, Math.ceil(rate / 5_000))
        const { limits, pass } = openLimits({ bandwidthLimit: rate })
        const all = Array.from({ length: downloads }, (_, index) =>
          download(limits, String(index), { chunk, connections, line: rate * 5 }),
        )
        const sum = () => all.reduce((bytes, one) => bytes + one.bytes, 0)
        // A piece that is paid for in part shows only when it is paid for as a whole.
        const partial = chunk * connections * downloads
        const seen = [0]
        for (let passed = 0; passed < 6_000; passed += 250) {
          await pass(250)
          seen.push(sum())
        }
        for (const one of all) one.stop()
        for (let index = 0; index + 20 < seen.length; index++) {
          const came = (seen[index + 20] ?? 0) - (seen[index] ?? 0)
          expect(Math.abs(came - rate * 5)).toBeLessThanOrEqual(rate * 0.5 + partial)
        }
        for (const [index, bytes] of seen.slice(1).entries())
          expect(bytes - (seen[index] ?? 0)).toBeLessThanOrEqual(rate * 0.51 + partial)
        const shares = all.map(({ bytes }) => bytes)
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(
          (rate * 0.6) / downloads + 2 * chunk * connections,
        )
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  test('DL9: whoever asks most often, for most and over most connections gets no more than the others', async () => {
    const { limits, pass } = openLimits({ bandwidthLimit: 2 * MB })
    const greedy = download(limits, 'greedy', { chunk: 65_536, connections: 8 })
    const modest = download(limits, 'modest', { chunk: 4_096 })
    await pass(5_000)
    expect(Math.abs(greedy.bytes - modest.bytes)).toBeLessThan(MB)
    expect(greedy.bytes + modest.bytes).toBeGreaterThan(9 * MB)
  })

  test('DL9: what one download leaves the others get', async () => {
    const { limits, pass } = openLimits({ bandwidthLimit: 2 * MB })
    const slow = download(limits, 'slow', { chunk: 4_096, line: 200_000 })
    const fast = download(limits, 'fast')
    await pass(5_000)
    expect(slow.bytes).toBeGreaterThan(800_000)
    expect(fast.bytes).toBeGreaterThan(8 * MB)
  })

  test('DL9: a limit that rises, falls or goes counts at once for those who wait', async () => {
    const { limits, pass, change } = openLimits({ bandwidthLimit: 1_000 })
    let hasCome = false
    void limits
      .forDownload('a')
      .take(100_000, never)
      .then(() => {
        hasCome = true
      })
    await pass(2_000)
    expect(hasCome).toBe(false)
    change({ bandwidthLimit: null })
    await turn()
    expect(hasCome).toBe(true)

    change({ bandwidthLimit: 10 * MB })
    const one = download(limits, 'a')
    await pass(1_000)
    const fast = one.bytes
    expect(fast).toBeGreaterThan(9 * MB)
    change({ bandwidthLimit: 100_000 })
    await pass(1_000)
    expect(one.bytes - fast).toBeLessThan(150_000)
    const slow = one.bytes
    change({ bandwidthLimit: 10 * MB })
    await pass(1_000)
    expect(one.bytes - slow).toBeGreaterThan(9 * MB)
  })

  test('DL9: 0 holds everything until it changes or the download is stopped', async () => {
    const { limits, pass, change } = openLimits({ bandwidthLimit: 0 })
    const held = download(limits, 'a')
    const stop = new AbortController()
    const stopped = limits.forDownload('b').take(1, stop.signal)
    await pass(10_000)
    expect(held.bytes).toBe(0)
    expect(limits.effective()).toMatchObject({ bytesPerSecond: 0, source: 'always' })
    stop.abort()
    await stopped
    change({ bandwidthLimit: MB })
    await pass(1_000)
    // What would have been the other's is divided again a second after it was stopped.
    expect(held.bytes).toBeGreaterThan(800_000)
  })

  test('DL9: a computer that slept for hours wakes to the same pace, without a burst', async () => {
    const { clock, limits, pass } = openLimits({ bandwidthLimit: MB })
    const one = download(limits, 'a')
    await pass(1_000)
    const before = one.bytes
    clock.advance(8 * 3_600_000)
    await turn()
    expect(one.bytes - before).toBeLessThan(300_000)
    await pass(1_000)
    expect(one.bytes - before).toBeLessThan(1_350_000)
  })

  test('DL9: whatever limits come and go and whoever leaves, nothing passes while it is held, and everything once nothing limits', async () => {
    const rate = fc.option(fc.constantFrom(0, 1, 1_000, MB))
    const id = fc.constantFrom('a', 'b')
    const step = fc.oneof(
      fc.record({ bandwidthLimit: rate }),
      fc.record({ id, own: rate }),
      fc.record({
        id,
        take: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 300_000 })),
        leavesAfterMs: fc.option(fc.nat(2_000)),
      }),
      fc.record({ ms: fc.integer({ min: 1, max: 3_000 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const { limits, change, clock } = openLimits()
        const state: { all: number | null; own: Map<string, number | null>; open: number; wrong: object[] } = {
          all: null,
          own: new Map(),
          open: 0,
          wrong: [],
        }
        for (const one of steps) {
          if ('bandwidthLimit' in one) change({ bandwidthLimit: one.bandwidthLimit })
          if ('bandwidthLimit' in one) state.all = one.bandwidthLimit
          if ('own' in one) limits.setDownloadLimit(one.id, one.own)
          if ('own' in one) state.own.set(one.id, one.own)
          if ('ms' in one) clock.advance(one.ms)
          if ('take' in one) {
            const leaving = new AbortController()
            const isHeld = () => state.all === 0 || state.own.get(one.id) === 0
            state.open += 1
            void limits
              .forDownload(one.id)
              .take(one.take, leaving.signal)
              .then(() => {
                state.open -= 1
                if (isHeld() && !leaving.signal.aborted) state.wrong.push(one)
              })
            if (one.leavesAfterMs !== null) clock.after(one.leavesAfterMs, () => leaving.abort())
          }
          await turn()
        }
        expect(state.wrong).toEqual([])
        for (const own of ['a', 'b']) limits.setDownloadLimit(own, null)
        change({ bandwidthLimit: null })
        await turn()
        expect(state.open).toBe(0)
      }),
      { numRuns: 200 },
    )
  })

  test('DL9: after the end nothing waits any more', async () => {
    const { limits } = openLimits({ bandwidthLimit: 0 })
    const waits = limits.forDownload('a').take(1, never)
    limits.close()
    await waits
    await limits.forDownload('a').take(1, never)
  })
})

describe('DL9: the limit of one download', () => {
  test('DL9: it holds that one alone, under the limit over all, and what it leaves the others get', async () => {
    const { limits, pass } = openLimits({ bandwidthLimit: 2 * MB })
    limits.setDownloadLimit('slow', 100_000)
    const [slow, fast] = [download(limits, 'slow'), download(limits, 'fast')]
    await pass(5_000)
    expect(limits.forDownload('slow').bytesPerSecond()).toBe(100_000)
    expect(limits.forDownload('fast').bytesPerSecond()).toBe(2 * MB)
    expect(Math.abs(slow.bytes - 500_000)).toBeLessThan(50_000)
    expect(Math.abs(fast.bytes - 9.5 * MB)).toBeLessThan(0.95 * MB)
  })

  test('DL9: 0 holds it while the others go on; taking it away lets it go at once', async () => {
    const { limits, pass } = openLimits()
    limits.setDownloadLimit('held', 0)
    let hasCome = false
    void limits
      .forDownload('held')
      .take(5 * MB, never)
      .then(() => {
        hasCome = true
      })
    await limits.forDownload('other').take(5 * MB, never)
    await pass(3_000)
    expect(hasCome).toBe(false)
    limits.setDownloadLimit('held', null)
    await turn()
    expect(hasCome).toBe(true)
  })
})

describe('DL9: the limit by schedule', () => {
  const night = { days: [0, 1, 2, 3, 4, 5, 6], from: '23:00', to: '06:00', bytesPerSecond: null }
  const gig = { days: [4], from: '12:00', to: '12:01', bytesPerSecond: 0 }

  test('DL9: it takes the place of the one for always, and the next change is known and comes by itself', async () => {
    const { limits, pass, clock } = openLimits({ bandwidthLimit: MB, speedSchedule: [gig, night] })
    const changes: unknown[] = []
    limits.onChange((limit) => changes.push(limit))
    const one = download(limits, 'a')
    expect(limits.effective()).toEqual({ bytesPerSecond: 0, source: 'schedule', until: Date.UTC(2026, 0, 15, 12, 1) })
    await pass(59_500)
    expect(one.bytes).toBe(0)
    await pass(1_500)
    expect(one.bytes).toBeGreaterThan(900_000)
    one.stop()
    clock.advance(11 * 3_600_000)
    expect(limits.effective()).toEqual({
      bytesPerSecond: null,
      source: 'schedule',
      until: Date.UTC(2026, 0, 16, 6),
    })
    expect(changes).toEqual([
      { bytesPerSecond: MB, source: 'always', until: Date.UTC(2026, 0, 15, 23) },
      { bytesPerSecond: null, source: 'schedule', until: Date.UTC(2026, 0, 16, 6) },
    ])
  })
})

describe('DL9: headroom for others on the line', () => {
  test('DL9: the line is measured, then held to its part, and measured again', async () => {
    const { limits, pass } = openLimits({ headroomPercent: 25 })
    const one = download(limits, 'a', { chunk: 8_192, line: 4 * MB })
    expect(limits.effective()).toEqual({ bytesPerSecond: null, source: 'headroom', until: null })
    await pass(7_000)
    const { bytesPerSecond, source } = limits.effective()
    expect(source).toBe('headroom')
    expect(Math.abs((bytesPerSecond ?? 0) - 3 * MB)).toBeLessThan(0.3 * MB)
    const before = one.bytes
    await pass(5_000)
    expect(Math.abs(one.bytes - before - 15 * MB)).toBeLessThan(1.5 * MB)
    await pass(109_000)
    expect(limits.effective()).toMatchObject({ bytesPerSecond: null, source: 'headroom' })
  })

  test('DL9: a limit in bytes that is lower holds, and what it held back is not taken for the line', async () => {
    const { limits, pass, change } = openLimits({ headroomPercent: 50, bandwidthLimit: MB })
    download(limits, 'a', { line: 4 * MB })
    await pass(7_000)
    expect(limits.effective()).toEqual({ bytesPerSecond: MB, source: 'always', until: null })
    change({ bandwidthLimit: null })
    expect(limits.effective()).toEqual({ bytesPerSecond: null, source: 'headroom', until: null })
  })
})

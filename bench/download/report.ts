import type { ManyResult } from './many.ts'
import type { Measured } from './measure-command.ts'
import type { OurQueue } from './queue.ts'
import type { SingleResult } from './single.ts'
import { median, rounded } from './statistics.ts'

/** Everything that was measured; null for a part that was not asked for. */
export interface Measurements {
  readonly single: SingleResult | null
  readonly many: ManyResult | null
  readonly queue: readonly OurQueue[] | null
}

const MB = 1e6

/** The figures as one object: seconds, medians; null for what was not measured. */
export function toFigures({ single, many, queue }: Measurements) {
  const seconds = (measured: readonly Measured[] | undefined) => middle(measured?.map((one) => one.seconds))
  const cpuPerGb = (measured: readonly Measured[] | undefined, bytes: number) =>
    middle(measured?.map(({ cpuSeconds }) => (cpuSeconds / bytes) * 1e9))
  const peaks = [...(single?.ours ?? []), ...(many?.ours ?? []), ...(queue ?? [])].map(({ peakBytes }) => peakBytes)
  const one = single?.others
  return {
    single: {
      ours_s: seconds(single?.ours),
      curl_s: seconds(one?.get('curl')),
      curl_sync_s: seconds(one?.get('curl_sync')),
      curl_sha256sum_s: seconds(one?.get('curl_sha256sum')),
      aria2_s: seconds(one?.get('aria2')),
      aria2_checksum_s: seconds(one?.get('aria2_checksum')),
    },
    many: { ours_s: seconds(many?.ours), aria2_s: seconds(many?.others.get('aria2')) },
    cpu_s_per_gb: {
      ours: cpuPerGb(single?.ours, single?.sizeBytes ?? 0),
      curl_sha256sum: cpuPerGb(one?.get('curl_sha256sum'), single?.sizeBytes ?? 0),
    },
    peak_rss_mb: peaks.length === 0 ? null : rounded(Math.max(...peaks) / MB, 1),
    wire_ratio: middle(
      single?.ours.map(({ wireRatio }) => wireRatio),
      5,
    ),
    extra: {
      static_server: single?.server ?? null,
      single_runs: single?.ours.length ?? 0,
      many_runs: many?.ours.length ?? 0,
      ours_cold_s: middle(single?.ours.map(({ coldSeconds }) => coldSeconds)),
      ours_cold_cpu_s_per_gb: middle(
        single?.ours.map(({ coldCpuSeconds }) => (coldCpuSeconds / single.sizeBytes) * 1e9),
      ),
      single_peak_rss_mb: peak(single?.ours),
      many_peak_rss_mb: peak(many?.ours),
      many_aria2_checksum_s: seconds(many?.others.get('aria2_checksum')),
      many_cpu_s: middle(many?.ours.map(({ cpuSeconds }) => cpuSeconds)),
      many_server_cpu_s: middle(many?.ours.map(({ serverCpuSeconds }) => serverCpuSeconds ?? Number.NaN)),
      many_wire_ratio: middle(
        many?.ours.map(({ wireRatio }) => wireRatio),
        5,
      ),
      many_troubles: many?.ours.map(({ troubles }) => troubles) ?? null,
      queue:
        queue?.map(({ entries, queueMs, listMs, openMs, eachMs, growthBytes, peakBytes }) => ({
          entries,
          queue_ms: rounded(queueMs, 1),
          list_ms: rounded(listMs, 1),
          open_ms: rounded(openMs, 1),
          each_ms: rounded(eachMs, 1),
          growth_mb: rounded(growthBytes / MB, 1),
          peak_rss_mb: rounded(peakBytes / MB, 1),
        })) ?? null,
    },
  }
}

export type Figures = ReturnType<typeof toFigures>

function middle(values: readonly number[] | undefined, digits = 3): number | null {
  if (values === undefined || values.length === 0) return null
  const value = median(values)
  return Number.isFinite(value) ? rounded(value, digits) : null
}

function peak(runs: readonly { readonly peakBytes: number }[] | undefined): number | null {
  if (runs === undefined) return null
  return rounded(Math.max(...runs.map(({ peakBytes }) => peakBytes)) / MB, 1)
}

/** One line for each goal: what it is, what was measured, what was wanted. */
export function toTable(measurements: Measurements): string[] {
  const figures = toFigures(measurements)
  const { single, many, cpu_s_per_gb: cpu, extra } = figures
  const longest = extra.queue?.at(-1)
  const rows: readonly (readonly [what: string, measured: string | null, goal: string])[] = [
    ['one file, ours', times(single.ours_s, 's'), ''],
    ['  with the start of the process', times(extra.ours_cold_s, 's'), ''],
    ['  aria2 with checksum / ours', ratio(single.aria2_checksum_s, single.ours_s), '>= 2.0'],
    ['  curl + sync / ours', ratio(single.curl_sync_s, single.ours_s), '>= 1.0'],
    ['  curl / ours', ratio(single.curl_s, single.ours_s), '>= 0.8'],
    ['  curl + sha256sum / ours', ratio(single.curl_sha256sum_s, single.ours_s), ''],
    ['  aria2 / ours', ratio(single.aria2_s, single.ours_s), ''],
    ['many files, ours', times(many.ours_s, 's'), ''],
    ['  aria2 from plain addresses / ours', ratio(many.aria2_s, many.ours_s), '>= 1.0'],
    ['  aria2 with checksums / ours', ratio(extra.many_aria2_checksum_s, many.ours_s), ''],
    ['processor per GB, ours / curl + sha256sum', ratio(cpu.ours, cpu.curl_sha256sum), '<= 1.0'],
    ['peak memory', times(figures.peak_rss_mb, 'MB'), '<= 150 MB'],
    ['growth over the longest queue', times(longest?.growth_mb ?? null, 'MB'), '< 50 MB'],
    ['bytes on the wire / bytes of the file', times(figures.wire_ratio, ''), ''],
    ...(extra.queue ?? []).map(
      ({ entries, queue_ms, list_ms, open_ms, each_ms }) =>
        [
          `queue of ${entries}`,
          `queued ${queue_ms} ms, listed ${list_ms} ms, opened ${open_ms} ms, a file ${each_ms} ms`,
          '',
        ] as const,
    ),
  ]
  return rows.flatMap(([what, measured, goal]) =>
    measured === null ? [] : [`${what.padEnd(44)} ${measured.padEnd(12)} ${goal}`.trimEnd()],
  )
}

function times(value: number | null, unit: string): string | null {
  return value === null ? null : `${value} ${unit}`.trim()
}

function ratio(above: number | null, below: number | null): string | null {
  return above === null || below === null ? null : (above / below).toFixed(2)
}

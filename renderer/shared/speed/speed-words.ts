import type { Output } from '../../../contract/call.ts'
import type { delivery } from '../../../contract/delivery.ts'
import { formatLimit } from '../format/bytes.ts'
import { formatClock } from '../format/time.ts'
import type { Translate } from '../text.ts'

/** Bytes per second that are offered without typing. */
export const SPEEDS: readonly number[] = [500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000]

export type AppliedLimit = Output<typeof delivery.list>['limit']

/** A limit in words: null is none, 0 holds. */
export function speedWord(t: Translate, bytesPerSecond: number | null): string {
  if (bytesPerSecond === null) return t('No limit')
  return bytesPerSecond === 0 ? t('Hold everything') : formatLimit(bytesPerSecond)
}

/** The limit that applies now, until when, and where it comes from. */
export function limitWords(t: Translate, { bytesPerSecond, source, until }: AppliedLimit): string {
  const time = until === null ? null : formatClock(until)
  if (source === 'headroom' && bytesPerSecond !== null) {
    return t('{speed}, to leave room for others', { speed: formatLimit(bytesPerSecond) })
  }
  const isScheduled = source === 'schedule'
  if (bytesPerSecond === 0) {
    if (!isScheduled) return t('Gig mode: everything is held')
    return time === null ? t('Held, by schedule') : t('Held until {time}, by schedule', { time })
  }
  const speed = bytesPerSecond === null ? t('No limit') : formatLimit(bytesPerSecond)
  if (time === null) return isScheduled ? t('{speed}, by schedule', { speed }) : limitAlone(t, bytesPerSecond)
  return isScheduled
    ? t('{speed} until {time}, by schedule', { speed, time })
    : t('{speed} until {time}', { speed, time })
}

function limitAlone(t: Translate, bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? t('No limit') : t('At most {speed}', { speed: formatLimit(bytesPerSecond) })
}

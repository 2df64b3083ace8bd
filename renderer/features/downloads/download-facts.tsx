import type { Download } from '../../../contract/delivery.ts'
import { formatBytes, formatSpeed } from '../../shared/format/bytes.ts'
import { formatRemaining, formatSince } from '../../shared/format/time.ts'
import { speedWord } from '../../shared/speed/speed-words.ts'
import { useText } from '../../shared/text.ts'
import { hasEnded } from './may.ts'

/** The figures of a download: how much, how fast, how long, as what. */
export function DownloadFacts({ download }: { download: Download }) {
  const t = useText()
  const { status, receivedBytes, totalBytes, bytesPerSecond, secondsLeft, bytesPerSecondLimit } = download
  const { format, attemptsLeft, finishedAt } = download
  const isOpen = !hasEnded(status)
  const facts: (string | null)[] = [
    totalBytes === null
      ? null
      : status === 'done' || receivedBytes === 0
        ? formatBytes(totalBytes)
        : `${formatBytes(receivedBytes)} / ${formatBytes(totalBytes)}`,
    format?.toUpperCase() ?? null,
    status === 'downloading' && bytesPerSecond !== null ? formatSpeed(bytesPerSecond) : null,
    status === 'downloading' && secondsLeft !== null ? t('{time} left', { time: formatRemaining(secondsLeft) }) : null,
    isOpen && bytesPerSecondLimit !== null
      ? bytesPerSecondLimit === 0
        ? t('held by its own limit')
        : t('at most {speed}', { speed: speedWord(t, bytesPerSecondLimit) })
      : null,
    isOpen || finishedAt === null ? null : formatSince(finishedAt, Date.now()),
  ]
  return (
    <p className="figures flex flex-wrap gap-x-3 text-muted text-xs">
      {facts
        .filter((fact) => fact !== null)
        .map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
      {attemptsLeft !== null && isOpen && (
        <span className="text-amber">
          {t('{count, plural, one {# attempt} other {# attempts}} left', { count: attemptsLeft })}
        </span>
      )}
    </p>
  )
}

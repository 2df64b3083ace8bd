import { CircleCheck, LibraryBig, TriangleAlert, X } from 'lucide-react'
import { useState } from 'react'
import { delivery, type Everything } from '../../../contract/delivery.ts'
import { reasonText } from '../../shared/error-text.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { formatSince } from '../../shared/format/time.ts'
import { useText } from '../../shared/text.ts'
import { useStartDownload } from '../../shared/track/use-start-download.ts'
import { Button } from '../../shared/ui/button.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { SegmentBar } from '../../shared/ui/segment-bar.tsx'
import { useCall } from '../../shared/use-call.ts'

const KEPT_AS = 'mixmint.everything-seen'
const POLL_MS = 1000

/** "Download everything I own": how far it is, then its one report, until that is put away. */
export function EverythingCard({ isHeld }: { isHeld: boolean }) {
  const { data } = useCall(delivery.everything, {})
  const everything = data?.everything ?? null
  const isRunning = everything !== null && everything.finishedAt === null
  useCall(delivery.everything, {}, { isEnabled: isRunning, refetchEveryMs: isRunning ? POLL_MS : false })
  const [seen, setSeen] = useState(() => localStorage.getItem(KEPT_AS))
  if (everything === null) return null
  if (isRunning) return <Progress everything={everything} isHeld={isHeld} />
  if (seen === everything.startedAt) return null
  return (
    <Report
      everything={everything}
      onPutAway={() => {
        localStorage.setItem(KEPT_AS, everything.startedAt)
        setSeen(everything.startedAt)
      }}
    />
  )
}

const CARD = 'flex items-start gap-3 rounded-panel border border-line bg-panel p-4'

function Progress({ everything, isHeld }: { everything: Everything; isHeld: boolean }) {
  const t = useText()
  const { done, total, wereHere, failed, receivedBytes, totalBytes } = everything
  return (
    <section aria-label={t('Everything you own')} className={CARD}>
      <LibraryBig size={20} strokeWidth={1.5} className="mt-px shrink-0 text-sky" aria-hidden />
      <div className="flex min-w-0 grow flex-col gap-2">
        <div className="figures flex flex-wrap items-baseline justify-between gap-x-4 text-sm">
          <h2 className="font-medium">
            {isHeld ? t('Everything you own, held for now') : t('Downloading everything you own')}
          </h2>
          <span>{t('{done} of {total}', { done, total })}</span>
        </div>
        <SegmentBar
          cells=""
          fraction={totalBytes === 0 ? 0 : Math.min(1, receivedBytes / totalBytes)}
          label={t('Progress of everything you own')}
        />
        <p className="figures flex flex-wrap gap-x-3 text-muted text-xs">
          <span>
            {formatBytes(receivedBytes)} / {formatBytes(totalBytes)}
          </span>
          {wereHere > 0 && <span>{t('{count} were here', { count: wereHere })}</span>}
          {failed.length > 0 && <span className="text-coral">{t('{count} failed', { count: failed.length })}</span>}
          <span>{t('Goes on by itself, also after a restart.')}</span>
        </p>
      </div>
    </section>
  )
}

function Report({ everything, onPutAway }: { everything: Everything; onPutAway: () => void }) {
  const t = useText()
  const { done, wereHere, failed, receivedBytes, finishedAt } = everything
  const isWhole = failed.length === 0
  const Icon = isWhole ? CircleCheck : TriangleAlert
  return (
    <section aria-label={t('Everything you own')} className={CARD}>
      <Icon
        size={20}
        strokeWidth={1.5}
        className={`mt-px shrink-0 ${isWhole ? 'text-mint' : 'text-coral'}`}
        aria-hidden
      />
      <div className="flex min-w-0 grow flex-col gap-2">
        <div>
          <h2 className="font-medium text-sm">
            {isWhole
              ? t('Everything you own is here, verified')
              : t('{count, plural, one {# could} other {# could}} not be fetched, all else is here', {
                  count: failed.length,
                })}
          </h2>
          <p className="figures flex flex-wrap gap-x-3 text-muted text-xs">
            <span>{t('{count} downloaded, {size}', { count: done, size: formatBytes(receivedBytes) })}</span>
            <span>{t('{count} were here', { count: wereHere })}</span>
            <span>{t('{count} failed', { count: failed.length })}</span>
            {finishedAt !== null && <span>{formatSince(finishedAt, Date.now())}</span>}
          </p>
        </div>
        {!isWhole && <Failures failed={failed} />}
      </div>
      <IconButton icon={X} size="small" label={t('Put the report away')} onClick={onPutAway} />
    </section>
  )
}

const SHOWN_AT_FIRST = 5

function Failures({ failed }: { failed: Everything['failed'] }) {
  const t = useText()
  const [showsAll, setShowsAll] = useState(false)
  const { start } = useStartDownload()
  const shown = showsAll ? failed : failed.slice(0, SHOWN_AT_FIRST)
  return (
    <>
      <ul aria-label={t('What failed')} className="divide-y divide-line border-line border-t">
        {shown.map(({ content, title, code, message }) => {
          const { what, remedy } = reasonText({ code, message })
          return (
            <li key={content.contentId} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-2 text-sm">
              <p className="min-w-0 grow basis-64">
                <span className="font-medium">{title}</span>{' '}
                <span className="text-muted">
                  {t(what)}. {t(remedy)}
                </span>
              </p>
              <Button
                size="small"
                aria-label={t('Try again: {title}', { title })}
                onClick={() => start({ ...content, title, artist: '', cover: null })}
              >
                {t('Try again')}
              </Button>
            </li>
          )
        })}
      </ul>
      {failed.length > shown.length && (
        <Button size="small" kind="quiet" className="self-start" onClick={() => setShowsAll(true)}>
          {t('Show all {count}', { count: failed.length })}
        </Button>
      )}
    </>
  )
}

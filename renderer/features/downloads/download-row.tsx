import { ArrowDown, ArrowUp, GripVertical, Pause, Play, RotateCw, X } from 'lucide-react'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import { formatBytes, formatSpeed } from '../../shared/format/bytes.ts'
import { formatRemaining, formatSince } from '../../shared/format/time.ts'
import { useFreshDownload } from '../../shared/state/downloads.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { StateChip } from '../../shared/track/state-chip.tsx'
import type { TrackState } from '../../shared/track/track-state.ts'
import { useStartDownload } from '../../shared/track/use-start-download.ts'
import { classNames } from '../../shared/ui/class-names.ts'
import { Cover } from '../../shared/ui/cover.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { SegmentBar } from '../../shared/ui/segment-bar.tsx'
import { useCommand } from '../../shared/use-call.ts'
import { Reason } from './reason.tsx'
import type { Reorder } from './use-reorder.ts'

interface DownloadRowProps {
  readonly download: Download
  /** Its place in the queue, from 0; -1 outside it. */
  readonly place: number
  readonly placeCount: number
  readonly reorder: Reorder
}

const WORD_OF: Record<Download['status'], TrackState> = {
  queued: 'queued',
  preparing: 'queued',
  downloading: 'downloading',
  waiting: 'waiting',
  paused: 'paused',
  verifying: 'verifying',
  done: 'here',
  failed: 'failed',
  cancelled: 'owned',
}

/** One download: how far, how fast, why it waits, and what can be done. Arrow keys on its handle move it. */
export function DownloadRow({ download: listed, place, placeCount, reorder }: DownloadRowProps) {
  const t = useText()
  const download = useFreshDownload(listed)
  const { id, title, artist, cover, status, receivedBytes, totalBytes, segments, attemptsLeft, finishedAt } = download
  const refresh = [delivery.list, library.list]
  const pause = useCommand(delivery.pause, { refresh })
  const resume = useCommand(delivery.resume, { refresh })
  const retry = useCommand(delivery.retry, { refresh })
  const { start } = useStartDownload()
  const cancel = useCommand(delivery.cancelDownload, {
    refresh,
    onDone: () =>
      toasts.undoable(t('{title} was taken out of the queue', { title }), t('Undo'), () =>
        start({ ...download.content, title, artist, cover }),
      ),
  })
  const isInQueue = place >= 0
  const isRunning = status === 'downloading' || status === 'preparing' || status === 'queued' || status === 'waiting'
  return (
    <li
      aria-label={title}
      onDragOver={(event) => {
        if (isInQueue && reorder.dragged !== null) event.preventDefault()
      }}
      onDrop={() => {
        if (isInQueue && reorder.dragged !== null) reorder.movedTo(reorder.dragged, place, title)
        reorder.dragEnded()
      }}
      className={classNames(
        'flex items-center gap-3 rounded-panel border border-line bg-panel p-3',
        reorder.dragged === id && 'opacity-50',
      )}
    >
      {isInQueue && (
        <button
          type="button"
          draggable
          aria-label={t('Move {title}: place {place} of {count}. Use the arrow keys.', {
            title,
            place: place + 1,
            count: placeCount,
          })}
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = 'move'
            reorder.dragBegan(id)
          }}
          onDragEnd={reorder.dragEnded}
          onKeyDown={(event) => {
            const by = event.key === 'ArrowUp' ? -1 : event.key === 'ArrowDown' ? 1 : 0
            const next = place + by
            if (by === 0 || next < 0 || next >= placeCount) return
            event.preventDefault()
            reorder.movedTo(id, next, title)
          }}
          className="flex h-11 w-5 shrink-0 cursor-grab items-center justify-center rounded-control text-muted hover:text-text"
        >
          <GripVertical size={16} strokeWidth={1.5} aria-hidden />
        </button>
      )}
      <Cover media={cover} className="size-11" />
      <div className="flex min-w-0 grow flex-col gap-1">
        <div className="flex items-center justify-between gap-4">
          <p className="truncate text-sm" title={title}>
            <span className="font-medium">{title}</span> <span className="text-muted">{artist}</span>
          </p>
          <StateChip state={WORD_OF[status]} />
        </div>
        {status !== 'done' && status !== 'cancelled' && status !== 'failed' && (
          <SegmentBar
            cells={segments}
            fraction={totalBytes === null || totalBytes === 0 ? 0 : receivedBytes / totalBytes}
            label={t('Progress of {title}', { title })}
          />
        )}
        <p className="figures flex flex-wrap gap-x-3 text-muted text-xs">
          {totalBytes !== null && (
            <span>
              {status === 'done'
                ? formatBytes(totalBytes)
                : `${formatBytes(receivedBytes)} / ${formatBytes(totalBytes)}`}
            </span>
          )}
          {status === 'downloading' && download.bytesPerSecond !== null && (
            <span>{formatSpeed(download.bytesPerSecond)}</span>
          )}
          {status === 'downloading' && download.secondsLeft !== null && (
            <span>{t('{time} left', { time: formatRemaining(download.secondsLeft) })}</span>
          )}
          {status === 'done' && finishedAt !== null && <span>{formatSince(finishedAt, Date.now())}</span>}
          {attemptsLeft !== null && status !== 'done' && (
            <span className="text-amber">
              {t('{count, plural, one {# attempt} other {# attempts}} left', { count: attemptsLeft })}
            </span>
          )}
        </p>
        <Reason download={download} onRetry={() => retry.mutate({ downloadId: id })} />
      </div>
      <div className="flex shrink-0 justify-end sm:min-w-28">
        {isInQueue && (
          <span className="max-sm:hidden">
            <IconButton
              icon={ArrowUp}
              size="small"
              label={t('Earlier')}
              disabled={place === 0}
              onClick={() => reorder.movedTo(id, place - 1, title)}
            />
            <IconButton
              icon={ArrowDown}
              size="small"
              label={t('Later')}
              disabled={place + 1 >= placeCount}
              onClick={() => reorder.movedTo(id, place + 1, title)}
            />
          </span>
        )}
        {isRunning && (
          <IconButton
            icon={Pause}
            size="small"
            label={t('Pause {title}', { title })}
            onClick={() => pause.mutate({ downloadId: id })}
          />
        )}
        {status === 'paused' && (
          <IconButton
            icon={Play}
            size="small"
            label={t('Continue {title}', { title })}
            onClick={() => resume.mutate({ downloadId: id })}
          />
        )}
        {status === 'cancelled' && (
          <IconButton
            icon={RotateCw}
            size="small"
            label={t('Download {title} again', { title })}
            onClick={() => start({ ...download.content, title, artist, cover })}
          />
        )}
        {(isInQueue || status === 'failed') && status !== 'verifying' && (
          <IconButton
            icon={X}
            size="small"
            label={t('Take {title} out', { title })}
            onClick={() => cancel.mutate({ downloadId: id })}
          />
        )}
      </div>
    </li>
  )
}

import { Pause, Play, RotateCw, X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import { useFreshDownload } from '../../shared/state/downloads.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { StateChip } from '../../shared/track/state-chip.tsx'
import { useStartDownload } from '../../shared/track/use-start-download.ts'
import { classNames } from '../../shared/ui/class-names.ts'
import { Cover } from '../../shared/ui/cover.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { SegmentBar } from '../../shared/ui/segment-bar.tsx'
import { useCommand } from '../../shared/use-call.ts'
import { DownloadFacts } from './download-facts.tsx'
import { DownloadMenu } from './download-menu.tsx'
import { hasEnded, mayPause } from './may.ts'
import { MoveHandle } from './move-handle.tsx'
import { Reason, useCountdown } from './reason.tsx'
import { STATE_OF, statusWords } from './status-words.ts'
import type { Reorder } from './use-reorder.ts'

interface DownloadRowProps {
  readonly download: Download
  /** Those that wait, in their order; empty for a download that does not. */
  readonly line: readonly Download[]
  /** Its place among them, from 0. */
  readonly place: number
  readonly reorder: Reorder
}

const UNDER_WAY: ReadonlySet<string> = new Set(['preparing', 'downloading', 'verifying'])

/** One download: how far, how fast, why it waits, and what can be done. Arrow keys, Home and End on its handle move it. */
export function DownloadRow({ download: listed, line, place, reorder }: DownloadRowProps) {
  const t = useText()
  const download = useFreshDownload(listed)
  const { id: downloadId, title, artist, cover, status, receivedBytes, totalBytes, segments } = download
  const refreshAfterFailure = [delivery.list, library.list]
  const pause = useCommand(delivery.pause, { refreshAfterFailure })
  const resume = useCommand(delivery.resume, { refreshAfterFailure })
  const { start } = useStartDownload()
  const again = (): void =>
    start({
      ...download.content,
      title,
      artist,
      cover,
      ...(download.format === null ? {} : { format: download.format }),
    })
  const cancel = useCommand(delivery.cancelDownload, {
    refreshAfterFailure,
    onDone: () => toasts.undoable(t('{title} was taken out of the queue', { title }), t('Undo'), again),
  })
  const waits = useCountdown(status === 'stalled' ? download.retryAt : null)
  const [isOver, setOver] = useState(false)
  const isWaiting = line.length > 0
  const isOpen = !hasEnded(status)
  const neighbours = { before: line[place - 1], after: isWaiting ? line[place + 1] : undefined }

  function onKey(event: KeyboardEvent): void {
    const isHandle = event.target instanceof HTMLElement && event.target.dataset['control'] === 'handle'
    if (!isWaiting || !(isHandle || event.altKey)) return
    const target = targetOf(event.key)
    if (target === 'none') return
    event.preventDefault()
    reorder.movedTo(download, target)
  }
  function targetOf(key: string): Download | undefined | 'none' {
    switch (key) {
      case 'ArrowUp':
        return neighbours.before
      case 'ArrowDown':
        return neighbours.after
      case 'Home':
        return line[0]
      case 'End':
        return line.at(-1)
      default:
        return 'none'
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys come from the buttons inside; the row itself takes no focus.
    <div
      onKeyDown={onKey}
      onDragOver={(event) => {
        if (!isWaiting || reorder.dragged === null || reorder.dragged === downloadId) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={() => {
        const moved = line.find(({ id }) => id === reorder.dragged)
        if (moved !== undefined) reorder.movedTo(moved, download)
        reorder.dragEnded()
        setOver(false)
      }}
      className={classNames(
        'flex items-start gap-3 rounded-panel border bg-panel p-3',
        isOver ? 'border-mint' : 'border-line',
        reorder.dragged === downloadId && 'opacity-50',
      )}
    >
      {isWaiting && <MoveHandle download={download} place={place} placeCount={line.length} reorder={reorder} />}
      <Cover media={cover} className="size-11" />
      <div className="flex min-w-0 grow flex-col gap-1.5">
        <div className="flex flex-wrap items-center justify-between gap-x-4">
          <p className="min-w-0 grow basis-40 truncate text-sm" title={title}>
            <span className="font-medium">{title}</span> <span className="text-muted">{artist}</span>
          </p>
          <StateChip state={STATE_OF[status]} word={statusWords(t, download, waits)} className="figures min-w-0" />
        </div>
        {(UNDER_WAY.has(status) || (isOpen && receivedBytes > 0)) && (
          <SegmentBar
            cells={segments}
            fraction={totalBytes === null || totalBytes === 0 ? 0 : receivedBytes / totalBytes}
            label={t('Progress of {title}', { title })}
          />
        )}
        <DownloadFacts download={download} />
        <Reason download={download} />
      </div>
      <div className="flex shrink-0 justify-end sm:min-w-21">
        {mayPause(status) && (
          <IconButton
            icon={Pause}
            size="small"
            label={t('Pause {title}', { title })}
            data-control="pause"
            onClick={() => pause.mutate({ downloadId })}
          />
        )}
        {status === 'paused' && (
          <IconButton
            icon={Play}
            size="small"
            label={t('Continue {title}', { title })}
            data-control="pause"
            onClick={() => resume.mutate({ downloadId })}
          />
        )}
        {(status === 'cancelled' || status === 'ended') && (
          <IconButton icon={RotateCw} size="small" label={t('Download {title} again', { title })} onClick={again} />
        )}
        {isOpen && (
          <IconButton
            icon={X}
            size="small"
            label={t('Take {title} out', { title })}
            className="max-sm:hidden"
            onClick={() => cancel.mutate({ downloadId })}
          />
        )}
        <DownloadMenu
          download={download}
          {...neighbours}
          isWaiting={isWaiting}
          reorder={reorder}
          onPause={() => pause.mutate({ downloadId })}
          onResume={() => resume.mutate({ downloadId })}
          onTakeOut={() => cancel.mutate({ downloadId })}
        />
      </div>
    </div>
  )
}

import { Link } from '@tanstack/react-router'
import { ArrowDownToLine, Pause, Play } from 'lucide-react'
import type { ReactNode } from 'react'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { formatSpeed } from '../../shared/format/bytes.ts'
import { SignedInOnly } from '../../shared/signed-in-only.tsx'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { patchAnswers, useCall, useCommand } from '../../shared/use-call.ts'
import { DownloadRow } from './download-row.tsx'
import { groupDownloads } from './group-downloads.ts'
import { useReorder } from './use-reorder.ts'

/** What is on its way, what waits and why, what needs the user, and what is done. */
export function DownloadsScreen() {
  const t = useText()
  return (
    <SignedInOnly title={t('Sign in to see your downloads')}>
      <Downloads />
    </SignedInOnly>
  )
}

function Downloads() {
  const t = useText()
  const { data, error, refetch } = useCall(delivery.list, {})
  const setPaused = (isPaused: boolean) => ({
    refresh: [delivery.list],
    optimistic: (_input: unknown, queries: Parameters<typeof patchAnswers>[0]) =>
      patchAnswers(queries, delivery.list, (list) => ({ ...list, isPaused })),
  })
  const pauseAll = useCommand(delivery.pauseAll, setPaused(true))
  const resumeAll = useCommand(delivery.resumeAll, setPaused(false))
  const clear = useCommand(delivery.clearFinished, { refresh: [delivery.list] })
  const reorder = useReorder()

  if (data === undefined) {
    return error === null ? (
      <div role="status" aria-label={t('The downloads are loading')} className="p-6">
        <SkeletonRows count={5} className="h-20" />
      </div>
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    )
  }
  const { downloads, isPaused, bytesPerSecond } = data
  if (downloads.length === 0) {
    return (
      <EmptyState
        icon={ArrowDownToLine}
        title={t('Nothing is on its way')}
        actions={
          <Link to="/library" className={buttonClass()}>
            {t('Open the library')}
          </Link>
        }
      >
        {t('What you buy comes here by itself. What you own already waits in your library.')}
      </EmptyState>
    )
  }
  const { failed, active, waiting, done } = groupDownloads(downloads)
  const queue = [...active, ...waiting]
  const row = (download: Download) => (
    <DownloadRow
      key={download.id}
      download={download}
      place={queue.indexOf(download)}
      placeCount={queue.length}
      reorder={reorder}
    />
  )
  return (
    <div className="mx-auto flex max-w-280 flex-col gap-6 px-4 pt-5 pb-12 md:px-6">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h1 className="font-semibold text-xl">{t('Downloads')}</h1>
        <p role="status" className="figures text-muted text-sm">
          {isPaused ? t('All paused') : bytesPerSecond > 0 ? formatSpeed(bytesPerSecond) : ''}
        </p>
        <div className="grow" />
        {queue.length > 0 && (
          <Button onClick={() => (isPaused ? resumeAll : pauseAll).mutate({})}>
            {isPaused ? (
              <Play size={16} fill="currentColor" aria-hidden />
            ) : (
              <Pause size={16} fill="currentColor" aria-hidden />
            )}
            {isPaused ? t('Continue all') : t('Pause all')}
          </Button>
        )}
      </header>
      <Group title={t('Needs you')}>{failed.map(row)}</Group>
      <Group title={t('On its way')}>{active.map(row)}</Group>
      <Group title={t('Waiting')}>{waiting.map(row)}</Group>
      <Group
        title={t('Done')}
        action={
          <Button kind="quiet" size="small" onClick={() => clear.mutate({})}>
            {t('Clear the list')}
          </Button>
        }
      >
        {done.map(row)}
      </Group>
      <p ref={reorder.voice} aria-live="assertive" className="sr-only" />
    </div>
  )
}

function Group({ title, action, children }: { title: string; action?: ReactNode; children: readonly ReactNode[] }) {
  if (children.length === 0) return null
  return (
    <section aria-label={title} className="flex flex-col gap-2">
      <div className="flex h-7 items-center justify-between">
        <h2 className="font-semibold text-sm">
          {title} <span className="figures font-normal text-muted">{children.length}</span>
        </h2>
        {action}
      </div>
      <ul className="flex flex-col gap-2">{children}</ul>
    </section>
  )
}

import { Link } from '@tanstack/react-router'
import { ArrowDownToLine } from 'lucide-react'
import { useMemo } from 'react'
import type { Output } from '../../../contract/call.ts'
import { delivery } from '../../../contract/delivery.ts'
import { SignedInOnly } from '../../shared/signed-in-only.tsx'
import { everythingQuestion } from '../../shared/state/everything-question.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'
import { EverythingCard } from './everything-card.tsx'
import { groupDownloads } from './group-downloads.ts'
import { MeteredQuestion } from './metered-question.tsx'
import { QueueHeader } from './queue-header.tsx'
import { QueueList } from './queue-list.tsx'
import { useReorder } from './use-reorder.ts'
import { VolumePlans } from './volume-plans.tsx'

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
  if (data !== undefined) return <Queue list={data} />
  return error === null ? (
    <div role="status" aria-label={t('The downloads are loading')} className="p-6">
      <SkeletonRows count={5} className="h-20" />
    </div>
  ) : (
    <ErrorState error={error} onRetry={() => void refetch()} />
  )
}

function Queue({ list }: { list: Output<typeof delivery.list> }) {
  const t = useText()
  const { downloads } = list
  const { needy, active, waiting, ended } = useMemo(() => groupDownloads(downloads), [downloads])
  const reorder = useReorder(downloads, waiting)
  const clear = useCommand(delivery.clearFinished, { refresh: [delivery.list] })
  const groups = [
    { id: 'needy', title: t('Needs you'), downloads: needy, isOrdered: false },
    { id: 'active', title: t('On its way'), downloads: active, isOrdered: false },
    { id: 'waiting', title: t('Waiting'), downloads: waiting, isOrdered: true },
    {
      id: 'ended',
      title: t('Done'),
      downloads: ended,
      isOrdered: false,
      action: (
        <Button kind="quiet" size="small" onClick={() => clear.mutate({})}>
          {t('Clear the list')}
        </Button>
      ),
    },
  ]
  return (
    <div className="mx-auto flex max-w-280 flex-col gap-4 px-4 pt-5 pb-12 md:px-6">
      {downloads.length > 0 && (
        <QueueHeader list={list} active={active} openCount={needy.length + waiting.length + active.length} />
      )}
      {list.asksAboutMetered && <MeteredQuestion />}
      <EverythingCard isHeld={list.isPaused || list.limit.bytesPerSecond === 0} />
      {downloads.length > 0 ? (
        <>
          <VolumePlans />
          <QueueList groups={groups} reorder={reorder} />
        </>
      ) : (
        <NothingUnderWay />
      )}
      <p ref={reorder.voice} aria-live="assertive" className="sr-only" />
    </div>
  )
}

function NothingUnderWay() {
  const t = useText()
  return (
    <EmptyState
      icon={ArrowDownToLine}
      title={t('Nothing is on its way')}
      actions={
        <>
          <Link to="/library" className={buttonClass()}>
            {t('Open the library')}
          </Link>
          <Button onClick={everythingQuestion.asked}>{t('Download everything I own…')}</Button>
        </>
      }
    >
      {t('What you buy comes here by itself. What you own already waits in your library.')}
    </EmptyState>
  )
}

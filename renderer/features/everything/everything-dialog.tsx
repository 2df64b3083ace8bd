import { Link, useNavigate } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import type { Output } from '../../../contract/call.ts'
import { delivery } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import { errorText } from '../../shared/error-text.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { everythingQuestion, useIsEverythingAsked } from '../../shared/state/everything-question.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { SpaceBar } from '../../shared/ui/space-bar.tsx'
import { ErrorState } from '../../shared/ui/states.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'

/** "Download everything I own": says first what it would fetch and whether that fits. */
export function EverythingDialog() {
  return useIsEverythingAsked() ? <Question /> : null
}

function Question() {
  const t = useText()
  const navigate = useNavigate()
  const { data: plan, error, refetch, isFetching } = useCall(delivery.planEverything, {})
  const start = useCommand(delivery.downloadEverything, {
    showsFailure: true,
    refresh: [delivery.everything, delivery.list, delivery.plan, library.list],
    onDone: () => {
      everythingQuestion.closed()
      void navigate({ to: '/downloads' })
    },
  })
  const isNothing = plan?.downloads === 0
  const isTooMuch = plan !== undefined && plan.missingBytes > 0
  return (
    <Dialog
      title={t('Download everything I own')}
      about={t(
        'All that is not healthy on this computer: fetched one after another, verified, and told in one report.',
      )}
      onClose={everythingQuestion.closed}
      footer={
        <div className="flex flex-wrap justify-end gap-2">
          <Button kind="quiet" onClick={everythingQuestion.closed}>
            {isNothing ? t('Close') : t('Not now')}
          </Button>
          {isTooMuch && (
            <>
              <Link to="/settings" onClick={everythingQuestion.closed} className={buttonClass()}>
                {t('Choose another folder')}
              </Link>
              <Button kind="primary" disabled={isFetching} onClick={() => void refetch()}>
                {t('Check again')}
              </Button>
            </>
          )}
          {!isNothing && !isTooMuch && (
            <Button kind="primary" disabled={plan === undefined || start.isPending} onClick={() => start.mutate({})}>
              {plan === undefined
                ? t('Download')
                : t('Download {count, plural, one {# file} other {# files}}', { count: plan.downloads })}
            </Button>
          )}
        </div>
      }
    >
      {plan === undefined && error === null && (
        <div role="status" aria-label={t('The plan is being made')}>
          <SkeletonRows count={4} className="h-6" />
        </div>
      )}
      {plan === undefined && error !== null && <ErrorState isPart error={error} onRetry={() => void refetch()} />}
      {plan !== undefined && <Plan plan={plan} />}
      {start.error !== null && (
        <p role="alert" className="mt-3 text-sm">
          <span className="font-medium text-coral">{t(errorText(start.error).what)}.</span>{' '}
          {t(errorText(start.error).remedy)}
        </p>
      )}
    </Dialog>
  )
}

function Plan({ plan }: { plan: Output<typeof delivery.planEverything> }) {
  const t = useText()
  const { downloads, bytes, areHere, freeBytes, missingBytes } = plan
  if (downloads === 0) {
    return (
      <p className="flex items-center gap-2 text-sm">
        <CircleCheck size={20} strokeWidth={1.5} className="shrink-0 text-mint" aria-hidden />
        {t('Everything you own is here: {count, plural, one {# file} other {# files}}.', { count: areHere })}
      </p>
    )
  }
  const rows: readonly (readonly [string, string])[] = [
    [
      t('To download'),
      t('{count, plural, one {# file} other {# files}}, {size}', { count: downloads, size: formatBytes(bytes) }),
    ],
    [t('Here already'), t('{count, plural, one {# file} other {# files}}', { count: areHere })],
    ...(freeBytes === null ? [] : [[t('Free on the disk'), formatBytes(freeBytes)] as const]),
    ...(missingBytes === 0 ? [] : [[t('Does not fit'), formatBytes(missingBytes)] as const]),
  ]
  return (
    <div className="flex flex-col gap-3">
      <dl className="figures grid grid-cols-[1fr_auto] gap-x-4 gap-y-1.5 text-sm">
        {rows.map(([word, value]) => (
          <div key={word} className="contents">
            <dt className="text-muted">{word}</dt>
            <dd className={word === t('Does not fit') ? 'text-right text-coral' : 'text-right'}>{value}</dd>
          </div>
        ))}
      </dl>
      {freeBytes !== null && <SpaceBar neededBytes={bytes} freeBytes={freeBytes} label={t('Space on the disk')} />}
      <p className={missingBytes > 0 ? 'text-amber text-sm' : 'text-muted text-sm'}>
        {missingBytes > 0
          ? t('Free {size} on the disk, or choose a folder on a larger one.', { size: formatBytes(missingBytes) })
          : t('You can close MixMint meanwhile: it goes on where it was.')}
      </p>
    </div>
  )
}

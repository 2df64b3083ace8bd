import { CircleCheck, FolderSync, Unplug } from 'lucide-react'
import { type Crate, crates } from '../../../contract/crates.ts'
import { delivery } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import { errorText } from '../../shared/error-text.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { formatSince } from '../../shared/format/time.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Skeleton } from '../../shared/ui/skeleton.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'

interface SyncLineProps {
  readonly crate: Crate
  readonly folder: NonNullable<Crate['folder']>
  readonly onChooseFolder: () => void
}

/** The folder of a crate and, in one line, what a sync would do now. */
export function SyncLine({ crate, folder, onChooseFolder }: SyncLineProps) {
  const t = useText()
  const { id: crateId, lastSyncedAt } = crate
  const { data: plan, error } = useCall(crates.plan, { crateId }, { isEnabled: folder.isThere, keepsFormer: true })
  const sync = useCommand(crates.sync, {
    showsFailure: true,
    refresh: [crates.list, crates.plan, library.list, delivery.list],
    onDone: ({ writes, waitingForDownload }) =>
      toasts.told(
        writes === 0
          ? t('Nothing to do: the folder is as it should be')
          : waitingForDownload > 0
            ? t('Synced; {count, plural, one {# track follows} other {# tracks follow}} when downloaded', {
                count: waitingForDownload,
              })
            : t('Synced: the folder is as it should be'),
      ),
  })
  const failure = sync.error ?? error
  const isDone = plan !== undefined && plan.added + plan.renamed + plan.removed + plan.waitingForDownload === 0
  return (
    <section
      aria-label={t('Folder and sync')}
      className="flex flex-wrap items-center gap-x-5 gap-y-3 rounded-panel border border-line bg-panel p-4"
    >
      <div className="min-w-0 grow basis-80">
        <p className="truncate font-mono text-sm" title={folder.path}>
          {folder.path}
        </p>
        {folder.isThere ? (
          <p role="status" className="figures mt-1 text-muted text-sm">
            {plan === undefined && error === null && <Skeleton className="h-4 w-64" />}
            {plan !== undefined && (
              <>
                {isDone ? (
                  <span className="inline-flex items-center gap-1.5 text-mint">
                    <CircleCheck size={16} strokeWidth={1.5} aria-hidden />
                    {t('Up to date')}
                  </span>
                ) : (
                  <span className="text-text">
                    {t('+{added} new · {renamed} renamed · {removed} removed', {
                      added: plan.added + plan.waitingForDownload,
                      renamed: plan.renamed,
                      removed: plan.removed,
                    })}
                  </span>
                )}
                {plan.bytesToDownload > 0 && plan.waitingForDownload > 0 && (
                  <> · {t('{size} to download', { size: formatBytes(plan.bytesToDownload) })}</>
                )}
                {plan.freeBytes !== null && <> · {t('{size} free', { size: formatBytes(plan.freeBytes) })}</>}
                {lastSyncedAt !== null && <> · {t('synced {when}', { when: formatSince(lastSyncedAt, Date.now()) })}</>}
              </>
            )}
          </p>
        ) : (
          <p role="status" className="mt-1 flex items-center gap-1.5 text-amber text-sm">
            <Unplug size={16} strokeWidth={1.5} aria-hidden />
            {t('The folder is not there. Connect its drive, or choose another folder.')}
          </p>
        )}
        {failure !== null && folder.isThere && (
          <p role="alert" className="mt-1 text-sm">
            <span className="font-medium text-coral">{t(errorText(failure).what)}.</span> {t(errorText(failure).remedy)}
          </p>
        )}
      </div>
      {folder.isThere ? (
        <Button
          kind={isDone ? 'secondary' : 'primary'}
          disabled={sync.isPending}
          onClick={() => sync.mutate({ crateId })}
        >
          <FolderSync size={16} strokeWidth={1.5} aria-hidden />
          {sync.isPending ? t('Syncing…') : t('Sync')}
        </Button>
      ) : (
        <Button onClick={onChooseFolder}>{t('Choose another folder')}</Button>
      )}
    </section>
  )
}

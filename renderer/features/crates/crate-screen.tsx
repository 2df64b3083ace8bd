import { Link, useNavigate } from '@tanstack/react-router'
import { Box, Ellipsis, FolderOpen, FolderX, Trash2 } from 'lucide-react'
import { type Crate, crates } from '../../../contract/crates.ts'
import { useClient } from '../../shared/client.tsx'
import { errorText } from '../../shared/error-text.ts'
import { useFolderChoice } from '../../shared/folders/use-folder-choice.tsx'
import { formatLength } from '../../shared/format/time.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { IconButton } from '../../shared/ui/icon-button.tsx'
import { Menu, MenuItem } from '../../shared/ui/menu.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'
import { CrateFileNames } from './crate-file-names.tsx'
import { CrateItems } from './crate-items.tsx'
import { CrateName } from './crate-name.tsx'
import { SyncLine } from './sync-line.tsx'

/** One crate: its folder, what a sync would do, and its tracks in order. */
export function CrateScreen({ crateId }: { crateId: string }) {
  const t = useText()
  const { data, error, refetch } = useCall(crates.list, {})
  const crate = data?.crates.find(({ id }) => id === crateId)
  if (crate !== undefined) return <CratePage crate={crate} />
  if (data === undefined) {
    return error === null ? (
      <div role="status" aria-label={t('The crate is loading')} className="p-6">
        <SkeletonRows count={8} className="h-11" />
      </div>
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    )
  }
  return (
    <EmptyState
      icon={Box}
      title={t('This crate is not here any more')}
      actions={
        <Link to="/crates" className={buttonClass()}>
          {t('All crates')}
        </Link>
      }
    >
      {t('Its files are still where they were.')}
    </EmptyState>
  )
}

function CratePage({ crate }: { crate: Crate }) {
  const t = useText()
  const navigate = useNavigate()
  const client = useClient()
  const { id: crateId, name, items, folder, fileNameTemplate, hasPendingEdits } = crate
  const refresh = [crates.list, crates.plan]
  const setFolder = useCommand(crates.setFolder, { refresh })
  const remove = useCommand(crates.remove, {
    refresh,
    onDone: () => {
      void navigate({ to: '/crates' })
      toasts.undoable(t('{name} was deleted; its files stay', { name }), t('Undo'), () => void bringBack())
    },
  })
  const { ask, dialog } = useFolderChoice(t('Folder for {name}', { name }), (chosen) =>
    setFolder.mutate({ crateId, folderId: chosen.id }),
  )

  async function bringBack(): Promise<void> {
    try {
      const made = await client.call(crates.create, { name })
      await client.call(crates.setItems, {
        crateId: made.id,
        items: items.map(({ contentType, contentId }) => ({ contentType, contentId })),
      })
      if (fileNameTemplate !== null)
        await client.call(crates.setFileNames, { crateId: made.id, template: fileNameTemplate })
      if (folder !== null) await client.call(crates.setFolder, { crateId: made.id, folderId: folder.id })
      await navigate({ to: '/crates/$id', params: { id: made.id } })
    } catch (error) {
      toasts.failed(errorText(error))
    }
  }

  return (
    <div className="flex flex-col gap-5 px-4 pt-5 pb-12 md:px-6">
      <header className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <CrateName key={name} crateId={crateId} name={name} />
        <p className="figures text-muted text-sm">
          {t('{count, plural, one {# track} other {# tracks}}', { count: items.length })} ·{' '}
          {formatLength(items.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0))}
          {hasPendingEdits && <span className="text-amber"> · {t('not saved to your account yet')}</span>}
        </p>
        <div className="grow" />
        <Menu trigger={<IconButton icon={Ellipsis} label={t('More for {title}', { title: name })} />}>
          <MenuItem icon={FolderOpen} onSelect={ask}>
            {t(folder === null ? 'Choose a folder' : 'Choose another folder')}
          </MenuItem>
          {folder !== null && (
            <MenuItem icon={FolderX} onSelect={() => setFolder.mutate({ crateId, folderId: null })}>
              {t('Unlink the folder, keep its files')}
            </MenuItem>
          )}
          <MenuItem icon={Trash2} isDanger onSelect={() => remove.mutate({ crateId })}>
            {t('Delete the crate')}
          </MenuItem>
        </Menu>
      </header>
      {folder === null ? (
        <div className="flex flex-wrap items-center gap-4 rounded-panel border border-edge border-dashed p-4">
          <p className="min-w-0 grow basis-72 text-sm">
            {t(
              'Choose a folder, on this disk or a USB drive, and the crate is written there: your tracks, and a playlist in this order.',
            )}
          </p>
          <Button kind="primary" disabled={setFolder.isPending} onClick={ask}>
            {t('Choose a folder')}
          </Button>
        </div>
      ) : (
        <SyncLine crate={crate} folder={folder} onChooseFolder={ask} />
      )}
      <CrateFileNames key={crateId} crate={crate} />
      {items.length === 0 ? (
        <EmptyState
          isPart
          icon={Box}
          title={t('Nothing in {name} yet', { name })}
          actions={
            <>
              <Link to="/library" className={buttonClass()}>
                {t('From the library')}
              </Link>
              <Link to="/" className={buttonClass()}>
                {t('From the store')}
              </Link>
            </>
          }
        >
          {t('Choose tracks there and use “Put into a crate”.')}
        </EmptyState>
      ) : (
        <CrateItems crate={crate} />
      )}
      {dialog}
    </div>
  )
}

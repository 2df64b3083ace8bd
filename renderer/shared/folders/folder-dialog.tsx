import { ChevronRight, CornerLeftUp, Folder as FolderIcon, FolderPlus } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import type { z } from 'zod'
import { app, type Folder } from '../../../contract/app.ts'
import { errorText } from '../error-text.ts'
import { useText } from '../text.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { ErrorState } from '../ui/states.tsx'
import { useCall, useCommand } from '../use-call.ts'

interface FolderDialogProps {
  readonly title: string
  readonly onChoose: (folder: z.infer<typeof Folder>) => void
  readonly onClose: () => void
}

/** Browses the folders of this computer by name, makes new ones, and chooses one. */
export function FolderDialog({ title, onChoose, onClose }: FolderDialogProps) {
  const t = useText()
  const [folderId, setFolderId] = useState<string | null>(null)
  const [isNaming, setNaming] = useState(false)
  const { data, error, refetch } = useCall(app.browseFolders, folderId === null ? {} : { folderId }, {
    keepsFormer: true,
  })
  const create = useCommand(app.createFolder, {
    showsFailure: true,
    refresh: [app.browseFolders],
    onDone: ({ id }) => {
      setNaming(false)
      setFolderId(id)
    },
  })
  const current = data?.current ?? null

  function make(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim()
    if (current !== null && name !== '') create.mutate({ parentId: current.id, name })
  }

  return (
    <Dialog
      title={title}
      onClose={onClose}
      footer={
        <div className="flex flex-wrap items-center gap-3">
          <p className="min-w-0 grow truncate text-muted text-sm" title={current?.path}>
            {current === null ? t('Open a folder to choose it') : current.path}
          </p>
          <Button kind="quiet" onClick={onClose}>
            {t('Cancel')}
          </Button>
          <Button kind="primary" disabled={current === null} onClick={() => current !== null && onChoose(current)}>
            {t('Choose this folder')}
          </Button>
        </div>
      }
    >
      {data === undefined && error === null && <SkeletonRows count={5} className="h-9" />}
      {data === undefined && error !== null && <ErrorState isPart error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <div className="-mx-2 flex flex-col">
          {current !== null && (
            <FolderButton
              icon={CornerLeftUp}
              word={data.parent === null ? t('All places') : t('Up to {name}', { name: data.parent.name })}
              onOpen={() => setFolderId(data.parent?.id ?? null)}
            />
          )}
          {data.folders.map(({ id, name }) => (
            <FolderButton key={id} icon={FolderIcon} word={name} hasMore onOpen={() => setFolderId(id)} />
          ))}
          {data.folders.length === 0 && <p className="px-2 py-2 text-muted text-sm">{t('No folders in here.')}</p>}
          {data.canCreate && !isNaming && (
            <FolderButton icon={FolderPlus} word={t('New folder…')} onOpen={() => setNaming(true)} />
          )}
          {isNaming && (
            <form onSubmit={make} className="flex items-end gap-2 px-2 pt-3">
              <Field
                className="grow"
                label={t('Name of the new folder')}
                name="name"
                maxLength={100}
                autoFocus
                error={create.error === null ? undefined : t(errorText(create.error).what)}
              />
              <Button type="submit" disabled={create.isPending} className="h-10">
                {t('Create')}
              </Button>
            </form>
          )}
        </div>
      )}
    </Dialog>
  )
}

interface FolderButtonProps {
  readonly icon: typeof FolderIcon
  readonly word: string
  readonly hasMore?: boolean
  readonly onOpen: () => void
}

function FolderButton({ icon: Icon, word, hasMore = false, onOpen }: FolderButtonProps) {
  return (
    <button
      type="button"
      onClick={onOpen}
      className="flex h-9 items-center gap-3 rounded-control px-2 text-left text-sm hover:bg-hover"
    >
      <Icon size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
      <span className="min-w-0 grow truncate">{word}</span>
      {hasMore && <ChevronRight size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />}
    </button>
  )
}

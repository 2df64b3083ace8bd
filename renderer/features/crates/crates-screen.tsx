import { Link, useNavigate } from '@tanstack/react-router'
import { Boxes } from 'lucide-react'
import { type FormEvent, useRef } from 'react'
import { crates } from '../../../contract/crates.ts'
import { errorText } from '../../shared/error-text.ts'
import { formatLength, formatSince } from '../../shared/format/time.ts'
import { SignedInOnly } from '../../shared/signed-in-only.tsx'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Cover } from '../../shared/ui/cover.tsx'
import { Field } from '../../shared/ui/field.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'

/** All crates, and a place to begin one. */
export function CratesScreen() {
  const t = useText()
  return (
    <SignedInOnly title={t('Sign in to see your crates')}>
      <Crates />
    </SignedInOnly>
  )
}

function Crates() {
  const t = useText()
  const { data, error, refetch } = useCall(crates.list, {})
  if (data === undefined) {
    return error === null ? (
      <div role="status" aria-label={t('Your crates are loading')} className="p-6">
        <SkeletonRows count={4} className="h-20" />
      </div>
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    )
  }
  return (
    <div className="mx-auto flex max-w-280 flex-col gap-6 px-4 pt-5 pb-12 md:px-6">
      <header className="flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="font-semibold text-xl">{t('Crates')}</h1>
          <p className="text-muted text-sm">
            {t('A crate is a real folder with your tracks in order and a playlist that DJ software reads.')}
          </p>
        </div>
        <NewCrate />
      </header>
      {data.crates.length === 0 ? (
        <EmptyState isPart icon={Boxes} title={t('No crates yet')}>
          {t('Name one above, put tracks into it from the store or the library, and choose a folder for it.')}
        </EmptyState>
      ) : (
        <ul className="flex flex-col gap-2">
          {data.crates.map(({ id, name, items, folder, lastSyncedAt }) => (
            <li
              key={id}
              className="relative flex items-center gap-4 rounded-panel border border-line bg-panel p-3 hover:border-edge"
            >
              <div className="flex w-24 shrink-0 -space-x-6" aria-hidden>
                {items.slice(0, 3).map(({ contentId, cover }) => (
                  <Cover key={contentId} media={cover} className="w-12 border border-panel" />
                ))}
                {items.length === 0 && <Cover media={null} className="w-12" />}
              </div>
              <div className="min-w-0 grow">
                <Link to="/crates/$id" params={{ id }} className="font-medium after:absolute after:inset-0">
                  {name}
                </Link>
                <p className="truncate text-muted text-sm" title={folder?.path}>
                  {folder === null ? t('No folder yet') : folder.path}
                </p>
              </div>
              <p className="figures shrink-0 text-right text-muted text-sm max-sm:hidden">
                {t('{count, plural, one {# track} other {# tracks}}', { count: items.length })} ·{' '}
                {formatLength(items.reduce((sum, { durationSeconds }) => sum + (durationSeconds ?? 0), 0))}
                <br />
                {lastSyncedAt === null
                  ? t('never synced')
                  : t('synced {when}', { when: formatSince(lastSyncedAt, Date.now()) })}
              </p>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

function NewCrate() {
  const t = useText()
  const navigate = useNavigate()
  const form = useRef<HTMLFormElement>(null)
  const create = useCommand(crates.create, {
    showsFailure: true,
    refresh: [crates.list],
    onDone: ({ id }) => void navigate({ to: '/crates/$id', params: { id } }),
  })
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault()
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim()
    if (name !== '') create.mutate({ name })
  }
  return (
    <form ref={form} onSubmit={submit} className="flex items-start gap-2">
      <Field
        label={t('Name of the new crate')}
        isLabelHidden
        name="name"
        maxLength={80}
        required
        placeholder={t('New crate, e.g. Friday')}
        error={create.error === null ? undefined : t(errorText(create.error).what)}
      />
      <Button type="submit" kind="primary" className="h-10" disabled={create.isPending}>
        {t('Create crate')}
      </Button>
    </form>
  )
}

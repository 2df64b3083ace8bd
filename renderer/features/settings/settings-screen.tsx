import { SearchX } from 'lucide-react'
import { useState } from 'react'
import { app, type Settings } from '../../../contract/app.ts'
import { delivery } from '../../../contract/delivery.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { patchAnswers, useCall, useCommand } from '../../shared/use-call.ts'
import { useSettingSections } from './sections.tsx'

/** The settings of this computer; every change applies at once and says so. */
export function SettingsScreen() {
  const t = useText()
  const { data, error, refetch } = useCall(app.getSettings, {})
  if (data !== undefined) return <SettingsPage settings={data} />
  return error === null ? (
    <div role="status" aria-label={t('The settings are loading')} className="mx-auto max-w-240 p-6">
      <SkeletonRows count={8} className="h-14" />
    </div>
  ) : (
    <ErrorState error={error} onRetry={() => void refetch()} />
  )
}

function SettingsPage({ settings }: { settings: Settings }) {
  const t = useText()
  const [words, setWords] = useState('')
  const change = useCommand(app.changeSettings, {
    refresh: [app.getSettings, delivery.list],
    optimistic: (patch, queries) =>
      patchAnswers(queries, app.getSettings, (former) => ({ ...former, ...patch }) as Settings),
    onDone: () => toasts.told(t('Saved')),
  })
  const needle = words.trim().toLowerCase()
  const sections = useSettingSections(settings, (patch) => change.mutate(patch))
    .map((section) => ({
      ...section,
      rows: section.rows.filter(({ word, about }) =>
        `${section.title} ${word} ${about}`.toLowerCase().includes(needle),
      ),
    }))
    .filter(({ rows }) => rows.length > 0)
  return (
    <div className="mx-auto flex max-w-240 gap-10 px-4 pt-5 pb-12 md:px-6">
      <nav
        aria-label={t('Sections')}
        className="sticky top-5 flex w-44 shrink-0 flex-col gap-1 self-start max-md:hidden"
      >
        {sections.map(({ id, title }) => (
          <button
            key={id}
            type="button"
            onClick={() => document.getElementById(`settings-${id}`)?.scrollIntoView({ block: 'start' })}
            className="h-8 rounded-control px-3 text-left text-muted text-sm hover:bg-hover hover:text-text"
          >
            {title}
          </button>
        ))}
      </nav>
      <div className="flex min-w-0 grow flex-col gap-8">
        <header className="flex flex-wrap items-center justify-between gap-4">
          <h1 className="font-semibold text-xl">{t('Settings')}</h1>
          <input
            type="search"
            aria-label={t('Search the settings')}
            placeholder={t('Search the settings')}
            value={words}
            onChange={(event) => setWords(event.target.value)}
            className="h-9 w-60 rounded-control border border-edge bg-ground px-3 text-sm"
          />
        </header>
        {sections.length === 0 && <EmptyState isPart icon={SearchX} title={t('There is no such setting')} />}
        {sections.map(({ id, title, rows }) => (
          <section key={id} id={`settings-${id}`} aria-label={title} className="flex scroll-mt-5 flex-col gap-2">
            <h2 className="font-semibold text-lg">{title}</h2>
            <div className="divide-y divide-line rounded-panel border border-line bg-panel">
              {rows.map(({ word, about, control, isWide }) => (
                <div key={word} className="flex flex-wrap items-center justify-between gap-x-8 gap-y-2 px-4 py-3">
                  <div className={isWide === true ? 'w-full' : 'min-w-0 grow basis-64'}>
                    <p className="font-medium text-sm">{word}</p>
                    <p className="break-words text-muted text-sm">{about}</p>
                  </div>
                  {control}
                </div>
              ))}
            </div>
          </section>
        ))}
      </div>
    </div>
  )
}

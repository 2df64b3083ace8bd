import { useNavigate } from '@tanstack/react-router'
import { ArrowDownToLine, LibraryBig, RefreshCw, ScanLine, SearchX } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { type LibraryItem, type LocalState, library } from '../../../contract/library.ts'
import { formatSince } from '../../shared/format/time.ts'
import { SignedInOnly } from '../../shared/signed-in-only.tsx'
import { everythingQuestion } from '../../shared/state/everything-question.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'
import { Inspector } from './inspector.tsx'
import { LibraryTable } from './library-table.tsx'
import { RepairDialog } from './repair-dialog.tsx'
import { SelectionBar } from './selection-bar.tsx'
import { type SortColumn, sortItems } from './sort-items.ts'
import { useRepair } from './use-repair.ts'
import { useSelection } from './use-selection.ts'

const FILTERS: readonly (readonly [LocalState | null, string])[] = [
  [null, 'All'],
  ['here', 'Here'],
  ['cloud', 'Not here'],
  ['retagged', 'Re-tagged'],
  ['damaged', 'Damaged'],
  ['missing', 'Missing'],
]

/** What the store still prepares is asked for again this often. */
const PREPARING_POLL_MS = 10_000

/** Everything the account owns, with where each track is; works with no network. */
export function LibraryScreen() {
  const t = useText()
  return (
    <SignedInOnly
      title={t('Sign in to see your library')}
      note={t('Your files stay where they are; the list comes back with your account.')}
    >
      <Library />
    </SignedInOnly>
  )
}

function Library() {
  const t = useText()
  const navigate = useNavigate()
  const [words, setWords] = useState('')
  const [wanted, setWanted] = useState<LocalState | null>(null)
  const [sort, setSort] = useState<{ by: SortColumn; isDescending: boolean }>({ by: 'added', isDescending: true })
  const { data, error, refetch } = useCall(library.list, { sort: 'added' })
  const refresh = useCommand(library.refresh, { refresh: [library.list] })
  const repair = useRepair()
  const all = data?.items
  const isPreparing = all?.some(({ track }) => track?.isReady === false) ?? false
  const { mutate: askAgain } = refresh
  useEffect(() => {
    if (!isPreparing) return
    const timer = setInterval(() => askAgain({}), PREPARING_POLL_MS)
    return () => clearInterval(timer)
  }, [isPreparing, askAgain])
  const items = useMemo(
    () => sortItems(fitting(all ?? [], words, wanted), sort.by, sort.isDescending),
    [all, words, wanted, sort],
  )
  const selection = useSelection(items)
  const chosen = items.filter(({ trackId }) => selection.ids.has(trackId))
  const inspected = items.find(({ trackId }) => trackId === selection.cursor) ?? null

  if (all === undefined) {
    return error === null ? (
      <div role="status" aria-label={t('Your library is loading')} className="p-6">
        <SkeletonRows count={14} className="h-8" />
      </div>
    ) : (
      <ErrorState error={error} onRetry={() => void refetch()} />
    )
  }
  if (all.length === 0) {
    return (
      <EmptyState
        icon={LibraryBig}
        title={t('Your library is empty')}
        actions={
          <>
            <Button kind="primary" onClick={() => void navigate({ to: '/' })}>
              {t('Browse the store')}
            </Button>
            <Button onClick={() => void navigate({ to: '/search', search: { q: 'price:<50' } })}>
              {t('Tracks under ₹50')}
            </Button>
            <Button disabled={refresh.isPending} onClick={() => refresh.mutate({})}>
              {t('Look for purchases')}
            </Button>
          </>
        }
      >
        {t('Buy a track, get a pack, or bring in what this account bought on another computer.')}
      </EmptyState>
    )
  }
  return (
    <div className="flex h-full min-h-0">
      <div className="flex min-w-0 grow flex-col">
        <header className="flex flex-wrap items-center gap-x-4 gap-y-2 px-4 pt-5 pb-3 md:px-6">
          <h1 className="font-semibold text-xl">{t('Library')}</h1>
          <p role="status" className="figures text-muted text-sm">
            {items.length === all.length
              ? t('{count, plural, one {# track} other {# tracks}}', { count: all.length })
              : t('{shown} of {count} tracks', { shown: items.length, count: all.length })}
            {data?.isStale === true && data.refreshedAt !== null && (
              <> · {t('as of {when}', { when: formatSince(data.refreshedAt, Date.now()) })}</>
            )}
          </p>
          <div className="grow" />
          <div className="-mr-2.5 flex flex-wrap">
            <Button kind="quiet" size="small" onClick={everythingQuestion.asked}>
              <ArrowDownToLine size={16} strokeWidth={1.5} aria-hidden />
              {t('Download everything…')}
            </Button>
            <Button kind="quiet" size="small" onClick={() => repair.asked()}>
              <ScanLine size={16} strokeWidth={1.5} aria-hidden />
              {repair.isWorking ? t('Reading the files…') : t('Verify and repair…')}
            </Button>
            <Button kind="quiet" size="small" disabled={refresh.isPending} onClick={() => refresh.mutate({})}>
              <RefreshCw size={16} strokeWidth={1.5} aria-hidden />
              {t('Refresh')}
            </Button>
          </div>
        </header>
        <div className="flex flex-wrap items-center gap-2 px-4 pb-3 md:px-6">
          <input
            type="search"
            aria-label={t('Search the library')}
            placeholder={t('Title, artist, genre')}
            value={words}
            onChange={(event) => setWords(event.target.value)}
            className="h-8 w-56 rounded-control border border-edge bg-ground px-3 text-sm"
          />
          <fieldset className="flex flex-wrap gap-1">
            <legend className="sr-only">{t('Show')}</legend>
            {FILTERS.map(([state, word]) => {
              const count = state === null ? all.length : all.filter((item) => item.state === state).length
              if (count === 0 && state !== null && state !== wanted) return null
              return (
                <Button
                  key={word}
                  size="small"
                  kind="quiet"
                  aria-pressed={wanted === state}
                  className="aria-pressed:bg-raised aria-pressed:text-text"
                  onClick={() => setWanted(state)}
                >
                  {t(word)} <span className="figures text-muted text-xs">{count}</span>
                </Button>
              )
            })}
          </fieldset>
        </div>
        {items.length === 0 ? (
          <EmptyState
            isPart
            icon={SearchX}
            title={t('Nothing in your library fits')}
            actions={
              <Button
                onClick={() => {
                  setWords('')
                  setWanted(null)
                }}
              >
                {t('Show all')}
              </Button>
            }
          />
        ) : (
          <LibraryTable
            items={items}
            selection={selection}
            sort={sort}
            onSort={(by) =>
              setSort((former) => ({ by, isDescending: former.by === by ? !former.isDescending : by === 'added' }))
            }
            onRepair={(trackId) => repair.asked([trackId])}
            onTyped={(letter) => setWords((former) => former + letter)}
          />
        )}
        {chosen.length > 1 && (
          <SelectionBar
            items={chosen}
            onClear={selection.cleared}
            onRepair={() => repair.asked(chosen.map(({ trackId }) => trackId))}
          />
        )}
      </div>
      {inspected !== null && <Inspector item={inspected} />}
      {repair.isOpen && <RepairDialog repair={repair} />}
    </div>
  )
}

function fitting(items: readonly LibraryItem[], words: string, wanted: LocalState | null): readonly LibraryItem[] {
  const needles = words.toLowerCase().split(/\s+/).filter(Boolean)
  return items.filter((item) => {
    if (wanted !== null && item.state !== wanted) return false
    const text = `${item.title} ${item.artist} ${item.album ?? ''} ${item.genre ?? ''}`.toLowerCase()
    return needles.every((needle) => text.includes(needle))
  })
}

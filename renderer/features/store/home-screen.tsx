import { Link, useNavigate } from '@tanstack/react-router'
import { Store } from 'lucide-react'
import type { ReactNode } from 'react'
import { catalogue } from '../../../contract/catalogue.ts'
import { useText } from '../../shared/text.ts'
import { TrackCard } from '../../shared/track/track-card.tsx'
import { TrackRow } from '../../shared/track/track-row.tsx'
import { usePlay } from '../../shared/track/use-play.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Skeleton, SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { useCall } from '../../shared/use-call.ts'
import { DjPortrait } from './dj-portrait.tsx'
import { GenreChips } from './genre-chips.tsx'
import { PackCard } from './pack-card.tsx'

const CARDS = 'grid grid-cols-[repeat(auto-fill,minmax(136px,1fr))] gap-x-4 gap-y-6'
/** Full rows at every width. */
const MOST_RELEASES = 12
const PREPARING_POLL_MS = 5000

/** The first screen: new releases as covers, a chart as a table, packs, DJs and genres. */
export function HomeScreen() {
  const t = useText()
  const navigate = useNavigate()
  const { data, error, refetch } = useCall(catalogue.home, {})
  const isPreparing = data?.newReleases.some(({ isReady }) => !isReady) ?? false
  useCall(catalogue.home, {}, { refetchEveryMs: isPreparing ? PREPARING_POLL_MS : false })
  const playRelease = usePlay(data?.newReleases ?? [])
  const playChart = usePlay(data?.chart ?? [])

  if (data === undefined) {
    return error === null ? <HomeSkeleton /> : <ErrorState error={error} onRetry={() => void refetch()} />
  }
  const { newReleases, chart, packs, djs, genres } = data
  if (newReleases.length === 0 && chart.length === 0) {
    return (
      <EmptyState
        icon={Store}
        title={t('The shelves are still empty')}
        actions={<Button onClick={() => void refetch()}>{t('Look again')}</Button>}
      >
        {t('Nothing has been published yet. New releases appear here by themselves.')}
      </EmptyState>
    )
  }
  return (
    <div className="mx-auto flex max-w-360 flex-col gap-8 px-4 pt-5 pb-12 md:px-6">
      <h1 className="sr-only">{t('Store')}</h1>
      <GenreChips
        genres={genres}
        onChoose={(slug) => void navigate({ to: '/search', search: { q: `genre:${slug}` } })}
      />
      <Section title={t('New releases')} more={<MoreLink q="" word={t('All tracks')} />}>
        <div className={CARDS}>
          {newReleases.slice(0, MOST_RELEASES).map((track) => (
            <TrackCard key={track.id} track={track} onPlay={playRelease} />
          ))}
        </div>
      </Section>
      {chart.length > 0 && (
        <Section title={t('Chart')}>
          <ol
            className="grid gap-x-8 xl:grid-flow-col xl:grid-cols-2 xl:grid-rows-[repeat(var(--rows),auto)]"
            style={{ '--rows': String(Math.ceil(chart.length / 2)) } as never}
          >
            {chart.map((track, index) => (
              <TrackRow key={track.id} track={track} place={index + 1} onPlay={playChart} />
            ))}
          </ol>
        </Section>
      )}
      {packs.length > 0 && (
        <Section title={t('Packs')}>
          <div className="grid grid-cols-[repeat(auto-fill,minmax(260px,1fr))] gap-4">
            {packs.map((pack) => (
              <PackCard key={pack.id} pack={pack} />
            ))}
          </div>
        </Section>
      )}
      {djs.length > 0 && (
        <Section title={t('DJs')}>
          <div className="grid grid-cols-[repeat(auto-fill,minmax(112px,1fr))] gap-4">
            {djs.map((dj) => (
              <DjPortrait key={dj.id} dj={dj} />
            ))}
          </div>
        </Section>
      )}
    </div>
  )
}

function MoreLink({ q, word }: { q: string; word: string }) {
  return (
    <Link to="/search" search={q === '' ? {} : { q }} className="text-muted text-sm hover:text-text hover:underline">
      {word}
    </Link>
  )
}

function Section({ title, more, children }: { title: string; more?: ReactNode; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <div className="flex items-baseline justify-between">
        <h2 className="font-semibold text-lg">{title}</h2>
        {more}
      </div>
      {children}
    </section>
  )
}

function HomeSkeleton() {
  const t = useText()
  return (
    <div
      role="status"
      aria-label={t('The store is loading')}
      className="mx-auto flex max-w-360 flex-col gap-8 px-4 pt-5 md:px-6"
    >
      <Skeleton className="h-8 w-full max-w-160" />
      <div className={CARDS}>
        {['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((key) => (
          <div key={key} className="flex flex-col gap-2">
            <Skeleton className="aspect-square w-full" />
            <Skeleton className="h-6 w-full" />
            <Skeleton className="h-4 w-3/4" />
            <Skeleton className="h-4 w-1/2" />
          </div>
        ))}
      </div>
      <SkeletonRows count={6} />
    </div>
  )
}

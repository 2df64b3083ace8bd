import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { SearchX } from 'lucide-react'
import { useMemo } from 'react'
import type { Output } from '../../../contract/call.ts'
import { catalogue, TrackSort } from '../../../contract/catalogue.ts'
import { useClient } from '../../shared/client.tsx'
import { parseQuery, withOperator } from '../../shared/query-language.ts'
import { useText } from '../../shared/text.ts'
import { TrackRow } from '../../shared/track/track-row.tsx'
import { usePlay } from '../../shared/track/use-play.ts'
import { Button } from '../../shared/ui/button.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { EmptyState, ErrorState } from '../../shared/ui/states.tsx'
import { SearchFilters } from './search-filters.tsx'

const PAGE = 40

/** Tracks by query: the words and operators of the search box, which the filters write for you. */
export function SearchScreen({ text, sort }: { text: string; sort: string }) {
  const t = useText()
  const navigate = useNavigate()
  const client = useClient()
  const order = TrackSort.catch('newest').parse(sort)
  const filter = useMemo(() => parseQuery(text), [text])
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [catalogue.listTracks.name, filter, order],
    queryFn: ({ pageParam }): Promise<Output<typeof catalogue.listTracks>> =>
      client.call(catalogue.listTracks, {
        ...filter,
        sort: order,
        limit: PAGE,
        ...(pageParam === null ? {} : { cursor: pageParam }),
      }),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: (former) => former,
  })
  const tracks = useMemo(() => data?.pages.flatMap(({ items }) => items) ?? [], [data])
  const play = usePlay(tracks)
  const total = data?.pages[0]?.total
  const show = (q: string, by: string = order): void =>
    void navigate({
      to: '/search',
      search: { ...(q === '' ? {} : { q }), ...(by === 'newest' ? {} : { sort: by }) },
      replace: true,
    })

  return (
    <div className="mx-auto flex max-w-360 flex-col gap-4 px-4 pt-5 pb-12 md:px-6">
      <div className="flex items-baseline gap-3">
        <h1 className="font-semibold text-xl">
          {filter.query === undefined ? t('Tracks') : t('“{words}”', { words: filter.query })}
        </h1>
        <p role="status" className="figures text-muted text-sm">
          {total !== undefined && t('{total, plural, =0 {nothing found} one {# track} other {# tracks}}', { total })}
        </p>
      </div>
      <SearchFilters text={text} sort={order} onChange={show} />
      {error !== null && data === undefined && <ErrorState isPart error={error} onRetry={() => void refetch()} />}
      {error === null && data === undefined && <SkeletonRows count={10} />}
      {data !== undefined && tracks.length === 0 && (
        <EmptyState
          isPart
          icon={SearchX}
          title={t('Nothing fits this search')}
          actions={
            <>
              {filter.query !== undefined && Object.keys(filter).length > 1 && (
                <Button onClick={() => show(filter.query ?? '')}>{t('Search without filters')}</Button>
              )}
              {filter.key !== undefined && filter.withHarmonicKeys !== true && (
                <Button onClick={() => show(withOperator(text, 'key', `~${filter.key}`))}>
                  {t('Also keys that mix with {key}', { key: filter.key })}
                </Button>
              )}
              <Button kind="quiet" onClick={() => show('')}>
                {t('Show everything')}
              </Button>
            </>
          }
        >
          {t('Check the spelling, or search more widely.')}
        </EmptyState>
      )}
      {tracks.length > 0 && (
        <ul aria-label={t('Tracks')}>
          {tracks.map((track) => (
            <TrackRow key={track.id} track={track} onPlay={play} />
          ))}
        </ul>
      )}
      {hasNextPage && (
        <Button className="self-center" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? t('Loading…') : t('Show more')}
        </Button>
      )}
    </div>
  )
}

import { Link } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { catalogue, type PackDetail } from '../../../contract/catalogue.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { formatLength } from '../../shared/format/time.ts'
import { useText } from '../../shared/text.ts'
import { TrackRow } from '../../shared/track/track-row.tsx'
import { usePlay } from '../../shared/track/use-play.ts'
import { useLibraryIndex } from '../../shared/track/use-track-facts.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Cover } from '../../shared/ui/cover.tsx'
import { ErrorState } from '../../shared/ui/states.tsx'
import { useCall } from '../../shared/use-call.ts'
import { DetailSkeleton } from './detail-skeleton.tsx'
import { Facts } from './facts.tsx'
import { PackAction } from './pack-action.tsx'

/** One album pack: what is inside, which of it you own, and the one next step. */
export function PackScreen({ packId }: { packId: string }) {
  const { data, error, refetch } = useCall(catalogue.getPack, { packId })
  if (data !== undefined) return <PackPage pack={data} />
  return error === null ? <DetailSkeleton /> : <ErrorState error={error} onRetry={() => void refetch()} />
}

function PackPage({ pack }: { pack: PackDetail }) {
  const t = useText()
  const play = usePlay(pack.tracks)
  const owned = useLibraryIndex()
  const ownedCount = pack.tracks.filter(({ id, access }) => access !== 'none' || owned.has(id)).length
  const first = pack.tracks[0]
  return (
    <div className="mx-auto flex max-w-360 flex-col gap-8 px-4 pt-6 pb-12 md:px-6">
      <header className="flex flex-wrap gap-x-8 gap-y-6 sm:flex-nowrap">
        <Cover media={pack.cover} className="w-full max-w-68" alt={t('Cover of {title}', { title: pack.title })} />
        <div className="flex min-w-0 grow flex-col gap-4">
          <div className="flex flex-col gap-1">
            <p className="text-muted text-sm">{t('Album pack')}</p>
            <h1 className="text-balance break-words font-semibold text-2xl">{pack.title}</h1>
            <Link
              to="/dj/$slug"
              params={{ slug: pack.dj.slug }}
              className="self-start text-lg text-muted hover:text-text hover:underline"
            >
              {pack.dj.name}
            </Link>
          </div>
          <Facts
            facts={[
              [t('Tracks'), String(pack.trackCount)],
              [t('Length'), formatLength(pack.durationSeconds)],
              [t('Size'), pack.sizeBytes === null ? null : formatBytes(pack.sizeBytes)],
            ]}
          />
          {pack.description !== null && <p className="max-w-[68ch] text-muted">{pack.description}</p>}
          {ownedCount > 0 && pack.access === 'none' && (
            <p className="text-amber text-sm">
              {t('You already own {owned} of these {count} tracks.', { owned: ownedCount, count: pack.trackCount })}
            </p>
          )}
          <div className="mt-auto flex flex-wrap gap-2">
            <PackAction pack={pack} size="large" />
            <Button size="large" disabled={first === undefined} onClick={() => first !== undefined && play(first)}>
              <Play size={16} fill="currentColor" aria-hidden />
              {t('Play all')}
            </Button>
          </div>
        </div>
      </header>
      <section className="flex flex-col gap-2">
        <h2 className="font-semibold text-lg">{t('In this pack')}</h2>
        <ol>
          {pack.tracks.map((track, index) => (
            <TrackRow key={track.id} track={track} place={index + 1} onPlay={play} />
          ))}
        </ol>
      </section>
    </div>
  )
}

import { Link } from '@tanstack/react-router'
import { FolderPlus, Pause, Play } from 'lucide-react'
import { catalogue, type TrackDetail } from '../../../contract/catalogue.ts'
import { formatBytes } from '../../shared/format/bytes.ts'
import { formatDate, formatLength } from '../../shared/format/time.ts'
import { player, useIsPlaying, usePlayedFraction } from '../../shared/state/player.ts'
import { useText } from '../../shared/text.ts'
import { useAddToCrate } from '../../shared/track/add-to-crate.ts'
import { StateChip } from '../../shared/track/state-chip.tsx'
import { TrackAction } from '../../shared/track/track-action.tsx'
import { TrackRow } from '../../shared/track/track-row.tsx'
import { toPlayable, usePlay } from '../../shared/track/use-play.ts'
import { useTrackFacts } from '../../shared/track/use-track-facts.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Cover } from '../../shared/ui/cover.tsx'
import { KeyBadge } from '../../shared/ui/key-badge.tsx'
import { Menu, MenuHeading, MenuItem } from '../../shared/ui/menu.tsx'
import { ErrorState } from '../../shared/ui/states.tsx'
import { Waveform } from '../../shared/ui/waveform.tsx'
import { useCall } from '../../shared/use-call.ts'
import { DetailSkeleton } from './detail-skeleton.tsx'
import { Facts } from './facts.tsx'
import { FormatMenu } from './format-menu.tsx'
import { PackCard } from './pack-card.tsx'

const IS_OWNED: ReadonlySet<string> = new Set(['owned', 'in-plan', 'here', 'retagged', 'damaged', 'missing'])
const PREPARING_POLL_MS = 5000

/** One track: its cover, its waveform across the page, and the one next step. */
export function TrackScreen({ trackId }: { trackId: string }) {
  const { data, error, refetch } = useCall(catalogue.getTrack, { trackId })
  const isReady = data?.isReady ?? true
  useCall(catalogue.getTrack, { trackId }, { refetchEveryMs: isReady ? false : PREPARING_POLL_MS })
  if (data !== undefined) return <TrackPage track={data} />
  return error === null ? <DetailSkeleton /> : <ErrorState error={error} onRetry={() => void refetch()} />
}

function TrackPage({ track }: { track: TrackDetail }) {
  const t = useText()
  const { state, item } = useTrackFacts(track)
  const playable = toPlayable(track, item ?? undefined)
  const isPlaying = useIsPlaying(track.id)
  const played = usePlayedFraction(track.id)
  const playMore = usePlay(track.moreByDj)
  const { bpm, key, durationSeconds, format, sizeBytes, genre, publishedAt } = track
  const play = (): void => {
    if (playable !== null) player.played([playable], 0)
  }
  return (
    <div className="mx-auto flex max-w-360 flex-col gap-8 px-4 pt-6 pb-12 md:px-6">
      <header className="flex flex-wrap gap-x-8 gap-y-6 sm:flex-nowrap">
        <Cover
          media={track.cover}
          className="w-full max-w-68 self-start"
          alt={t('Cover of {title}', { title: track.title })}
        />
        <div className="flex min-w-0 grow flex-col gap-4">
          <div className="flex flex-col gap-1">
            <StateChip state={state} />
            <h1 className="line-clamp-4 text-balance break-words font-semibold text-2xl" title={track.title}>
              {track.title}
            </h1>
            <Link
              to="/dj/$slug"
              params={{ slug: track.dj.slug }}
              className="self-start text-lg text-muted hover:text-text hover:underline"
            >
              {track.artist}
            </Link>
          </div>
          <Facts
            facts={[
              [t('BPM'), bpm === null ? null : String(Math.round(bpm))],
              [t('Key'), key === null ? null : <KeyBadge key="key" musicalKey={key} />],
              [t('Length'), durationSeconds === null ? null : formatLength(durationSeconds)],
              [t('Genre'), genre?.name ?? null],
              [t('Format'), format === null ? null : formatNames(track)],
              [t('Size'), sizeBytes === null ? null : formatBytes(sizeBytes)],
              [t('Released'), publishedAt === null ? null : formatDate(publishedAt)],
            ]}
          />
          <div className="mt-auto flex flex-wrap items-center gap-2">
            <TrackAction track={track} size="large" />
            {IS_OWNED.has(state) && <FormatMenu track={track} item={item} />}
            <Button size="large" disabled={playable === null} onClick={play}>
              {isPlaying ? (
                <Pause size={16} fill="currentColor" aria-hidden />
              ) : (
                <Play size={16} fill="currentColor" aria-hidden />
              )}
              {isPlaying ? t('Pause') : playable?.isPreview === false ? t('Play') : t('Play preview')}
            </Button>
            <PutIntoCrate trackId={track.id} />
          </div>
        </div>
      </header>
      <div className="relative h-28">
        <Waveform media={track.peaks} played={played} className="absolute inset-0 size-full" />
        <input
          type="range"
          min={0}
          max={1000}
          value={Math.round(played * 1000)}
          aria-label={t('Position in {title}', { title: track.title })}
          disabled={playable === null}
          onChange={(event) => {
            if (played === 0 && !isPlaying) play()
            player.sought(Number(event.target.value) / 1000)
          }}
          className="absolute inset-0 size-full cursor-pointer appearance-none rounded-control bg-transparent opacity-0"
        />
        <div className="pointer-events-none absolute inset-0 rounded-control opacity-0 outline-2 outline-mint [input:focus-visible+&]:opacity-100" />
      </div>
      {track.description !== null && <p className="max-w-[68ch] whitespace-pre-line text-base">{track.description}</p>}
      {track.packs.length > 0 && (
        <section className="flex flex-col gap-3">
          <h2 className="font-semibold text-lg">{t('Also in these packs')}</h2>
          <div className="grid grid-cols-[repeat(auto-fill,minmax(280px,1fr))] gap-4">
            {track.packs.map((pack) => (
              <PackCard key={pack.id} pack={pack} />
            ))}
          </div>
        </section>
      )}
      {track.moreByDj.length > 0 && (
        <section className="flex flex-col gap-2">
          <h2 className="font-semibold text-lg">{t('More by {name}', { name: track.dj.name })}</h2>
          <ul>
            {track.moreByDj.map((more) => (
              <TrackRow key={more.id} track={more} onPlay={playMore} />
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

/** What it is sold in, the master first. */
function formatNames({ formats, format }: TrackDetail): string {
  const all = formats.length > 0 ? formats.map((each) => each.format) : [format ?? '']
  return all.join(', ').toUpperCase()
}

function PutIntoCrate({ trackId }: { trackId: string }) {
  const t = useText()
  const { crates, add } = useAddToCrate()
  if (crates.length === 0) return null
  return (
    <Menu
      trigger={
        <Button kind="quiet" size="large">
          <FolderPlus size={16} strokeWidth={1.5} aria-hidden />
          {t('Put into a crate')}
        </Button>
      }
    >
      <MenuHeading>{t('Crates')}</MenuHeading>
      {crates.map(({ id, name }) => (
        <MenuItem key={id} onSelect={() => add(id, [{ contentType: 'track', contentId: trackId }])}>
          {name}
        </MenuItem>
      ))}
    </Menu>
  )
}

import { Play } from 'lucide-react'
import { catalogue, type DjDetail } from '../../../contract/catalogue.ts'
import { formatMoney } from '../../shared/format/money.ts'
import { useText } from '../../shared/text.ts'
import { TrackRow } from '../../shared/track/track-row.tsx'
import { usePlay } from '../../shared/track/use-play.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Cover } from '../../shared/ui/cover.tsx'
import { ErrorState } from '../../shared/ui/states.tsx'
import { useCall } from '../../shared/use-call.ts'
import { DetailSkeleton } from './detail-skeleton.tsx'
import { PackCard } from './pack-card.tsx'

const PLAN_NAME = { basic: 'Basic', pro: 'Pro', super: 'Super' } as const

/** One DJ: who they are, their tracks, packs and plans. */
export function DjScreen({ slug }: { slug: string }) {
  const { data, error, refetch } = useCall(catalogue.getDj, { slug })
  if (data !== undefined) return <DjPage dj={data} />
  return error === null ? <DetailSkeleton /> : <ErrorState error={error} onRetry={() => void refetch()} />
}

function DjPage({ dj }: { dj: DjDetail }) {
  const t = useText()
  const play = usePlay(dj.tracks)
  const first = dj.tracks[0]
  return (
    <div className="mx-auto flex max-w-360 flex-col gap-8 px-4 pt-6 pb-12 md:px-6">
      <header className="flex flex-wrap items-center gap-x-8 gap-y-6 sm:flex-nowrap">
        <Cover media={dj.portrait} isRound className="w-44" alt={t('Portrait of {name}', { name: dj.name })} />
        <div className="flex min-w-0 grow flex-col gap-3">
          <p className="text-muted text-sm">
            {t('{count, plural, one {# track} other {# tracks}}', { count: dj.trackCount })}
          </p>
          <h1 className="text-balance font-semibold text-3xl">{dj.name}</h1>
          {dj.bio !== null && <p className="max-w-[68ch] text-muted">{dj.bio}</p>}
          <Button
            className="self-start"
            disabled={first === undefined}
            onClick={() => first !== undefined && play(first)}
          >
            <Play size={16} fill="currentColor" aria-hidden />
            {t('Play all')}
          </Button>
        </div>
      </header>
      <section className="flex flex-col gap-2">
        <h2 className="font-semibold text-lg">{t('Tracks')}</h2>
        <ul>
          {dj.tracks.map((track) => (
            <TrackRow key={track.id} track={track} onPlay={play} />
          ))}
        </ul>
      </section>
      {dj.packs.length > 0 && (
        <section className="flex flex-col gap-3">
          <h2 className="font-semibold text-lg">{t('Packs')}</h2>
          <div className="grid grid-cols-[repeat(auto-fill,minmax(280px,1fr))] gap-4">
            {dj.packs.map((pack) => (
              <PackCard key={pack.id} pack={pack} />
            ))}
          </div>
        </section>
      )}
      {dj.plans.length > 0 && (
        <section className="flex flex-col gap-3">
          <h2 className="font-semibold text-lg">{t('Plans')}</h2>
          <p className="text-muted text-sm">
            {t('What members of a plan may download in one period. What you downloaded stays yours.')}
          </p>
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(220px,1fr))] gap-4">
            {dj.plans.map(({ plan, price, periodDays, tracksQuota, zipQuota, fanUploadsQuota }) => (
              <li key={plan} className="flex flex-col gap-2 rounded-panel border border-line bg-panel p-4">
                <p className="font-semibold text-violet">{PLAN_NAME[plan]}</p>
                <p className="figures text-lg">
                  {formatMoney(price)}{' '}
                  <span className="text-muted text-sm">{t('for {days} days', { days: periodDays })}</span>
                </p>
                <ul className="text-muted text-sm">
                  <li>{t('{count, plural, one {# track} other {# tracks}}', { count: tracksQuota })}</li>
                  <li>{t('{count, plural, one {# pack} other {# packs}}', { count: zipQuota })}</li>
                  <li>
                    {t('{count, plural, =0 {no fan uploads} one {# fan upload} other {# fan uploads}}', {
                      count: fanUploadsQuota,
                    })}
                  </li>
                </ul>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  )
}

import { Link } from '@tanstack/react-router'
import type { z } from 'zod'
import type { TrackSummary } from '../../../contract/catalogue.ts'
import type { Download } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { formatMoney } from '../format/money.ts'
import { formatRemaining } from '../format/time.ts'
import { checkout } from '../state/checkout.ts'
import { useFreshDownload } from '../state/downloads.ts'
import { toasts } from '../state/toasts.ts'
import { useText } from '../text.ts'
import { Button, type ButtonSize, buttonClass } from '../ui/button.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { useCommand } from '../use-call.ts'
import { RepairButton } from './repair-button.tsx'
import { StateChip, TRACK_LOOKS } from './state-chip.tsx'
import type { TrackState } from './track-state.ts'
import { useStartDownload } from './use-start-download.ts'
import { useTrackFacts } from './use-track-facts.ts'

/** The one next step for a track, after its state. */
export function TrackAction({ track, size = 'small' }: { track: TrackSummary; size?: ButtonSize }) {
  const { state, download, item } = useTrackFacts(track)
  return (
    <NextStep
      state={state}
      download={download}
      content={item?.source ?? { contentType: 'track', contentId: track.id }}
      trackId={track.id}
      title={track.title}
      artist={track.artist}
      cover={track.cover}
      price={track.price}
      readyInSeconds={track.readyInSeconds}
      djSlug={track.dj.slug}
      size={size}
    />
  )
}

interface NextStepProps {
  readonly state: TrackState
  readonly download: Download | null
  readonly content: z.infer<typeof ContentRef>
  /** Whose file to show; null for a pack. */
  readonly trackId: string | null
  readonly title: string
  readonly artist: string
  readonly cover: string | null
  readonly price: TrackSummary['price']
  readonly readyInSeconds: number | null
  readonly djSlug: string
  readonly size: ButtonSize
}

/** Buy, confirming, download, see the download, or open the folder: one button for the state. */
export function NextStep(props: NextStepProps) {
  const { state, content, trackId, title, artist, cover, price, size } = props
  const t = useText()
  const { start, isPending: isStarting } = useStartDownload()
  const show = useCommand(library.showInFolder, {
    onDone: ({ path, wasShown }) => {
      if (!wasShown) toasts.told(path)
    },
  })
  const download = (): void => start({ ...content, title, artist, cover })
  switch (state) {
    case 'for-sale':
      return (
        <Button
          kind={size === 'small' ? 'secondary' : 'primary'}
          size={size}
          className={size === 'small' ? 'figures text-mint' : undefined}
          aria-label={t('Buy {price}: {title}', { title, price: formatMoney(price) })}
          onClick={() => checkout.opened([{ ...content, title, artist, cover, price }])}
        >
          {size === 'small' ? formatMoney(price) : t('Buy {price}', { price: formatMoney(price) })}
        </Button>
      )
    case 'not-ready': {
      const { readyInSeconds } = props
      if (readyInSeconds === null) return <StateChip state={state} />
      const time = formatRemaining(readyInSeconds)
      if (size !== 'small') {
        return (
          <Button size={size} disabled>
            {t('Ready in {time}', { time })}
          </Button>
        )
      }
      return <StateChip state={state} word={t('in {time}', { time })} className="figures h-7" />
    }
    case 'fan-only':
      return (
        <Link to="/dj/$slug" params={{ slug: props.djSlug }} className={buttonClass('secondary', size, 'text-violet')}>
          {t('See the plans')}
        </Link>
      )
    case 'confirming':
      return (
        <Button size={size} className="text-amber" onClick={() => checkout.shownAgain()}>
          {t('Confirming…')}
        </Button>
      )
    case 'damaged':
    case 'missing':
      return <RepairButton trackId={trackId ?? content.contentId} title={title} state={state} size={size} />
    case 'owned':
    case 'in-plan':
      return (
        <Button
          kind={size === 'small' ? 'secondary' : 'primary'}
          size={size}
          disabled={isStarting}
          aria-label={t('Download {title}', { title })}
          onClick={download}
        >
          {isStarting ? t('Queued') : t('Download')}
        </Button>
      )
    case 'queued':
    case 'downloading':
    case 'waiting':
    case 'paused':
    case 'verifying':
    case 'needs-you':
    case 'failed':
      return (
        <Link to="/downloads" className={buttonClass('secondary', size, 'figures text-sky')}>
          {props.download === null ? t('Queued') : <ProgressWord listed={props.download} />}
        </Link>
      )
    case 'here':
    case 'retagged': {
      if (trackId === null) return <StateChip state={state} className="px-1" />
      const label = t('Open the folder of {title}', { title })
      const open = (): void => show.mutate({ trackId })
      if (size !== 'small') {
        return (
          <Button kind="primary" size={size} aria-label={label} onClick={open}>
            {t('Open folder')}
          </Button>
        )
      }
      const { icon: Icon, word, colour } = TRACK_LOOKS[state]
      return (
        <Tooltip text={t('Open folder')}>
          <Button
            kind="plain"
            size="small"
            aria-label={`${t(word)}. ${label}`}
            className={`${colour} px-1.5`}
            onClick={open}
          >
            <Icon size={16} strokeWidth={1.5} aria-hidden />
            {t(word)}
          </Button>
        </Tooltip>
      )
    }
  }
}

function ProgressWord({ listed }: { listed: Download }) {
  const t = useText()
  const { status, receivedBytes, totalBytes } = useFreshDownload(listed)
  if (status === 'failed') return <span className="text-coral">{t('See why')}</span>
  if (status === 'verifying') return <>{t('Verifying…')}</>
  if (totalBytes === null || totalBytes === 0) return <>{t('Queued')}</>
  return <>{`${Math.floor((100 * receivedBytes) / totalBytes)} %`}</>
}

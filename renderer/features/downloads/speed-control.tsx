import { Link } from '@tanstack/react-router'
import { Gauge, Moon } from 'lucide-react'
import { Popover } from 'radix-ui'
import { useId, useState } from 'react'
import { app, type Settings } from '../../../contract/app.ts'
import { delivery } from '../../../contract/delivery.ts'
import { SpeedForm } from '../../shared/speed/speed-form.tsx'
import { type AppliedLimit, limitWords, SPEEDS, speedWord } from '../../shared/speed/speed-words.ts'
import { gigMode, useLimitBeforeGig } from '../../shared/state/speed.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { patchAnswers, useCall, useCommand } from '../../shared/use-call.ts'

/** The limit that applies now and where it comes from; opens to change it. */
export function SpeedControl({ limit }: { limit: AppliedLimit }) {
  const t = useText()
  const [isOpen, setOpen] = useState(false)
  const isHeld = limit.bytesPerSecond === 0
  const words = limitWords(t, limit)
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger
        className={buttonClass('quiet', 'medium', isHeld ? 'text-amber!' : '')}
        aria-label={t('Speed limit: {words}', { words })}
      >
        {isHeld ? <Moon size={16} strokeWidth={1.5} aria-hidden /> : <Gauge size={16} strokeWidth={1.5} aria-hidden />}
        <span className="figures">{words}</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          aria-label={t('Speed limit')}
          className="rise-in z-30 flex max-h-[80vh] w-80 max-w-[calc(100vw-1rem)] flex-col gap-3 overflow-y-auto rounded-panel border border-line bg-raised p-4 text-text"
        >
          <LimitChoice limit={limit} onEnd={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  )
}

function LimitChoice({ limit, onEnd }: { limit: AppliedLimit; onEnd: () => void }) {
  const t = useText()
  const name = useId()
  const { data: settings } = useCall(app.getSettings, {})
  const beforeGig = useLimitBeforeGig()
  const change = useCommand(app.changeSettings, {
    refresh: [app.getSettings, delivery.list],
    optimistic: (patch, queries) =>
      patchAnswers(queries, app.getSettings, (former) => ({ ...former, ...patch }) as Settings),
  })
  const chosen = settings?.bandwidthLimit ?? null
  const isGig = chosen === 0
  const isOwn = chosen !== null && !isGig && !SPEEDS.includes(chosen)
  const choose = (bandwidthLimit: number | null): void => change.mutate({ bandwidthLimit })
  return (
    <>
      {limit.source === 'schedule' && !isGig && (
        <p className="text-sm">
          <span className="text-amber">{t('{words}.', { words: limitWords(t, limit) })}</span>{' '}
          {t('A limit that you choose here applies outside of those hours.')}
        </p>
      )}
      {limit.source === 'headroom' && (
        <p className="text-sm">{t('Part of the line is left to others, as you set it. A limit here comes on top.')}</p>
      )}
      <fieldset className="flex flex-col gap-1">
        <legend className="mb-1 font-semibold text-sm">{t('Speed of all downloads together')}</legend>
        {[null, ...SPEEDS, ...(isOwn ? [chosen] : [])].map((speed) => (
          <label
            key={speed}
            className="figures flex h-8 cursor-pointer items-center gap-2.5 rounded-control px-2 text-sm hover:bg-hover"
          >
            <input
              type="radio"
              name={name}
              checked={chosen === speed}
              onChange={() => choose(speed)}
              className="size-4 accent-mint"
            />
            {speedWord(t, speed)}
          </label>
        ))}
      </fieldset>
      <div className="flex flex-col gap-1">
        <p className="font-semibold text-sm">{t('Own value')}</p>
        <SpeedForm key={chosen} label={t('Own value in MB/s')} value={isOwn ? chosen : null} onSave={choose} />
      </div>
      <div className="flex flex-col gap-2 border-line border-t pt-3">
        <Button
          aria-pressed={isGig}
          onClick={() => {
            if (!isGig) gigMode.began(chosen)
            choose(isGig ? beforeGig : 0)
            onEnd()
          }}
        >
          <Moon size={16} strokeWidth={1.5} aria-hidden />
          {isGig ? t('End gig mode') : t('Gig mode: hold everything')}
        </Button>
        <p className="text-muted text-xs">
          {t('Nothing uses the line until you end it. Everything goes on where it was.')}
        </p>
        <Link to="/settings" onClick={onEnd} className="text-muted text-sm underline hover:text-text">
          {t('Schedule, metered connections and more')}
        </Link>
      </div>
    </>
  )
}

import { useEffect, useState } from 'react'
import type { Download } from '../../../contract/delivery.ts'
import { formatLength } from '../../shared/format/time.ts'
import { useText } from '../../shared/text.ts'
import { Remedy } from './remedy.tsx'
import { statusReason } from './status-words.ts'

const FAILED: ReadonlySet<string> = new Set(['failed', 'ended'])

/** Why a download does not move, what MixMint does about it, and what the user can do. */
export function Reason({ download }: { download: Download }) {
  const t = useText()
  const told = statusReason(download)
  if (told === null) return null
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
      <p className="min-w-0 grow basis-64">
        <span className={FAILED.has(download.status) ? 'font-medium text-coral' : 'font-medium text-amber'}>
          {t(told.what)}.
        </span>{' '}
        <span className="text-muted">{t(told.remedy)}</span>
      </p>
      <Remedy download={download} />
    </div>
  )
}

/** The time until a moment as `0:12`, counting down; null when there is none to wait for. */
export function useCountdown(until: string | null): string | null {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (until === null) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [until])
  if (until === null) return null
  const seconds = Math.ceil((new Date(until).getTime() - now) / 1000)
  return seconds <= 0 ? null : formatLength(seconds)
}

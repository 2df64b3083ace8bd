import { Link } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { Download } from '../../../contract/delivery.ts'
import { ERRORS, isErrorCode } from '../../../contract/errors.ts'
import { reasonText } from '../../shared/error-text.ts'
import { formatRemaining } from '../../shared/format/time.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'

interface ReasonProps {
  readonly download: Download
  readonly onRetry: () => void
}

/** Why a download waits or failed, when it tries again, and the remedy as a button. */
export function Reason({ download, onRetry }: ReasonProps) {
  const t = useText()
  const { reason, status, retryAt } = download
  if (reason === null || (status !== 'waiting' && status !== 'failed' && status !== 'paused')) return null
  const { what, remedy } = reasonText(reason)
  return (
    <div className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
      <p className="min-w-0 grow basis-64">
        <span className={status === 'failed' ? 'font-medium text-coral' : 'font-medium text-amber'}>{t(what)}.</span>{' '}
        <span className="text-muted">{t(remedy)}</span>
        {status === 'waiting' && retryAt !== null && <Countdown until={retryAt} />}
      </p>
      <Remedy code={reason.code} onRetry={onRetry} />
    </div>
  )
}

function Remedy({ code, onRetry }: { code: string; onRetry: () => void }) {
  const t = useText()
  switch (code) {
    case 'not-signed-in':
    case 'session-expired':
    case 'fresh-sign-in-required':
    case 'rebind-limit':
      return (
        <Link to="/welcome" className={buttonClass('secondary', 'small')}>
          {t('Sign in again')}
        </Link>
      )
    case 'device-revoked':
    case 'device-unknown':
    case 'device-limit':
      return (
        <>
          <Link to="/devices" className={buttonClass('secondary', 'small')}>
            {t('Open devices')}
          </Link>
          <Button size="small" onClick={onRetry}>
            {t('Try now')}
          </Button>
        </>
      )
    case 'folder-missing':
    case 'folder-not-writable':
      return (
        <Link to="/settings" className={buttonClass('secondary', 'small')}>
          {t('Choose another folder')}
        </Link>
      )
    default: {
      // Support can give attempts back, and nothing tells this computer of it.
      const mayChange = code === 'attempts-exhausted'
      const isHopeless = isErrorCode(code) && ERRORS[code].retry === 'never' && ERRORS[code].status === 403
      if (isHopeless && !mayChange) return null
      return (
        <Button size="small" onClick={onRetry}>
          {t('Try now')}
        </Button>
      )
    }
  }
}

function Countdown({ until }: { until: string }) {
  const t = useText()
  const [seconds, setSeconds] = useState(() => secondsUntil(until))
  useEffect(() => {
    const timer = setInterval(() => setSeconds(secondsUntil(until)), 1000)
    return () => clearInterval(timer)
  }, [until])
  if (seconds <= 0) return null
  return <span className="figures text-muted"> {t('Tries again in {time}.', { time: formatRemaining(seconds) })}</span>
}

function secondsUntil(instant: string): number {
  return Math.ceil((new Date(instant).getTime() - Date.now()) / 1000)
}

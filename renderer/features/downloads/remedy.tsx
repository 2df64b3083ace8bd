import { Link } from '@tanstack/react-router'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { ERRORS, isErrorCode } from '../../../contract/errors.ts'
import { library } from '../../../contract/library.ts'
import { useText } from '../../shared/text.ts'
import { Button, buttonClass } from '../../shared/ui/button.tsx'
import { useCommand } from '../../shared/use-call.ts'

/** What the user can do about a download that does not move, as buttons. */
export function Remedy({ download }: { download: Download }) {
  const t = useText()
  const { id: downloadId, status, reason } = download
  const refreshAfterFailure = [delivery.list, library.list]
  const retry = useCommand(delivery.retry, { refreshAfterFailure })
  const consent = useCommand(delivery.answerMetered, { refresh: refreshAfterFailure })
  const tryNow = (
    <Button size="small" disabled={retry.isPending} onClick={() => retry.mutate({ downloadId })}>
      {t('Try now')}
    </Button>
  )
  switch (status) {
    case 'needs-sign-in':
      return <LinkButton to="/welcome" word={t('Sign in again')} />
    case 'needs-device':
      return (
        <>
          <LinkButton to="/devices" word={t('Open devices')} />
          {tryNow}
        </>
      )
    case 'needs-space':
    case 'needs-folder':
      return (
        <>
          <LinkButton to="/settings" word={t('Choose another folder')} />
          {tryNow}
        </>
      )
    case 'needs-consent':
      return (
        <Button size="small" disabled={consent.isPending} onClick={() => consent.mutate({ mayUse: true })}>
          {t('Use it')}
        </Button>
      )
    case 'stalled':
    case 'waiting-for-network':
    case 'waiting-for-drive':
      return tryNow
    case 'failed':
      return isHopeless(reason?.code ?? '') ? null : tryNow
    case 'queued':
    case 'preparing':
    case 'downloading':
    case 'verifying':
    case 'paused':
    case 'done':
    case 'cancelled':
    case 'ended':
      return null
  }
}

function LinkButton({ to, word }: { to: '/welcome' | '/devices' | '/settings'; word: string }) {
  return (
    <Link to={to} className={buttonClass('secondary', 'small')}>
      {word}
    </Link>
  )
}

/** The store has refused for good. Attempts are the exception: support can give them back, and nothing tells this computer of it. */
function isHopeless(code: string): boolean {
  return (
    code !== 'attempts-exhausted' && isErrorCode(code) && ERRORS[code].retry === 'never' && ERRORS[code].status === 403
  )
}

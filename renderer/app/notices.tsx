import { Link, useRouterState } from '@tanstack/react-router'
import { Info, Signal, X } from 'lucide-react'
import { app } from '../../contract/app.ts'
import { delivery } from '../../contract/delivery.ts'
import { useText } from '../shared/text.ts'
import { IconButton } from '../shared/ui/icon-button.tsx'
import { useCall, useCommand } from '../shared/use-call.ts'
import { useHasAccount, useSession } from '../shared/use-session.ts'

/** What the user should know, in lines above the screen: an ended session, no network, what was set right. */
export function Notices() {
  const t = useText()
  const session = useSession()
  const { data } = useCall(app.status, {})
  const hasAccount = useHasAccount()
  const { data: queue } = useCall(delivery.list, {}, { isEnabled: hasAccount })
  const isAtDownloads = useRouterState({ select: ({ location }) => location.pathname === '/downloads' })
  const asksAboutMetered = queue?.asksAboutMetered ?? false
  const dismiss = useCommand(app.dismissNotice, { refresh: [app.status] })
  return (
    <div className="flex flex-col">
      {session?.status === 'session-expired' && (
        <p role="status" className="flex items-center gap-2 border-line border-b bg-raised px-6 py-2 text-sm">
          <Info size={16} strokeWidth={1.5} className="shrink-0 text-amber" aria-hidden />
          <span className="grow">{t('Your session has ended. Your library still works here.')}</span>
          <Link to="/welcome" className="font-medium text-mint underline">
            {t('Sign in again')}
          </Link>
        </p>
      )}
      {asksAboutMetered && !isAtDownloads && (
        <p role="status" className="flex items-center gap-2 border-line border-b bg-raised px-6 py-2 text-sm">
          <Signal size={16} strokeWidth={1.5} className="shrink-0 text-amber" aria-hidden />
          <span className="grow">{t('This connection is metered, so downloads wait for your word.')}</span>
          <Link to="/downloads" className="font-medium text-mint underline">
            {t('Decide')}
          </Link>
        </p>
      )}
      {data?.notices.map(({ code, message }) => (
        <p
          key={code}
          role="status"
          className="flex items-center gap-2 border-line border-b bg-raised px-6 py-1 text-sm"
        >
          <Info size={16} strokeWidth={1.5} className="shrink-0 text-amber" aria-hidden />
          <span className="grow">{message}</span>
          <IconButton icon={X} size="small" label={t('Dismiss')} onClick={() => dismiss.mutate({ code })} />
        </p>
      ))}
    </div>
  )
}

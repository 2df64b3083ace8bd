import { Link } from '@tanstack/react-router'
import { Info, X } from 'lucide-react'
import { app } from '../../contract/app.ts'
import { useText } from '../shared/text.ts'
import { IconButton } from '../shared/ui/icon-button.tsx'
import { useCall, useCommand } from '../shared/use-call.ts'
import { useSession } from '../shared/use-session.ts'

/** What the user should know, in lines above the screen: an ended session, no network, what was set right. */
export function Notices() {
  const t = useText()
  const session = useSession()
  const { data } = useCall(app.status, {})
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

import { app } from '../../contract/app.ts'
import { toasts } from '../shared/state/toasts.ts'
import { useText } from '../shared/text.ts'
import { classNames } from '../shared/ui/class-names.ts'
import { Tooltip } from '../shared/ui/tooltip.tsx'
import { useCall, useCommand } from '../shared/use-call.ts'

/** Whether the store can be reached; a click asks again. */
export function NetworkStatus() {
  const t = useText()
  const { data } = useCall(app.status, {})
  const check = useCommand(app.checkServer, {
    refresh: [app.status],
    onDone: ({ isOnline }) =>
      toasts.told(
        t(isOnline ? 'The store can be reached' : 'Still no connection to the store. Your library works as usual.'),
      ),
  })
  if (data === undefined) return null
  const { isOnline } = data
  return (
    <Tooltip
      text={t(isOnline ? 'Connected to the store. Click to check.' : 'No connection to the store. Click to try again.')}
    >
      <button
        type="button"
        disabled={check.isPending}
        onClick={() => check.mutate({})}
        className="flex h-9 shrink-0 items-center gap-2 rounded-control px-2.5 text-muted text-sm transition-colors hover:bg-hover hover:text-text"
      >
        <span
          aria-hidden
          className={classNames('size-2 rounded-full', isOnline ? 'bg-mint' : 'border-2 border-amber bg-transparent')}
        />
        <span className="max-lg:sr-only" role="status">
          {t(isOnline ? 'Online' : 'Offline')}
        </span>
      </button>
    </Tooltip>
  )
}

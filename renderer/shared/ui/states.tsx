import { CloudOff, Lock, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { errorCode, errorText } from '../error-text.ts'
import { useText } from '../text.ts'
import { Button } from './button.tsx'

interface NoticeProps {
  readonly icon: LucideIcon
  readonly title: string
  readonly children?: ReactNode
  readonly actions?: ReactNode
}

/** A whole area that has nothing to show, says why, and what to do. */
export function EmptyState({ icon: Icon, title, children, actions }: NoticeProps) {
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-16 text-center">
      <span className="flex size-12 items-center justify-center rounded-full bg-raised text-muted">
        <Icon size={20} strokeWidth={1.5} aria-hidden />
      </span>
      <h2 className="font-semibold text-lg">{title}</h2>
      {children !== undefined && <div className="text-muted text-sm">{children}</div>}
      {actions !== undefined && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  )
}

interface ErrorStateProps {
  readonly error: unknown
  readonly onRetry?: () => void
}

/** A whole area that could not be loaded: what happened, what to do, and a way to try again. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const t = useText()
  const { what, remedy } = errorText(error)
  const code = errorCode(error)
  const icon =
    code === 'offline' || code === 'captive-portal' ? CloudOff : code === 'not-allowed' ? Lock : TriangleAlert
  return (
    <div role="alert">
      <EmptyState
        icon={icon}
        title={t(what)}
        {...(onRetry === undefined ? {} : { actions: <Button onClick={onRetry}>{t('Try again')}</Button> })}
      >
        {t(remedy)}
      </EmptyState>
    </div>
  )
}

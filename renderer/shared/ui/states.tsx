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
  /** It stands under the heading of its screen; otherwise its title is that heading. */
  readonly isPart?: boolean
}

/** A whole area that has nothing to show, says why, and what to do. */
export function EmptyState({ icon: Icon, title, children, actions, isPart = false }: NoticeProps) {
  const Heading = isPart ? 'h2' : 'h1'
  return (
    <div className="mx-auto flex max-w-md flex-col items-center gap-3 px-6 py-16 text-center">
      <span className="flex size-12 items-center justify-center rounded-full bg-raised text-muted">
        <Icon size={20} strokeWidth={1.5} aria-hidden />
      </span>
      <Heading className="text-balance font-semibold text-lg">{title}</Heading>
      {children !== undefined && <div className="text-muted text-sm">{children}</div>}
      {actions !== undefined && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  )
}

interface ErrorStateProps {
  readonly error: unknown
  readonly onRetry?: () => void
  readonly isPart?: boolean
}

/** A whole area that could not be loaded: what happened, what to do, and a way to try again. */
export function ErrorState({ error, onRetry, isPart = false }: ErrorStateProps) {
  const t = useText()
  const { what, remedy } = errorText(error)
  const code = errorCode(error)
  const icon =
    code === 'offline' || code === 'captive-portal' ? CloudOff : code === 'not-allowed' ? Lock : TriangleAlert
  return (
    <div role="alert">
      <EmptyState
        icon={icon}
        isPart={isPart}
        title={t(what)}
        {...(onRetry === undefined ? {} : { actions: <Button onClick={onRetry}>{t('Try again')}</Button> })}
      >
        {t(remedy)}
      </EmptyState>
    </div>
  )
}

import { Link } from '@tanstack/react-router'
import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import { useText } from './text.ts'
import { buttonClass } from './ui/button.tsx'
import { EmptyState } from './ui/states.tsx'
import { useHasAccount, useSession } from './use-session.ts'

interface SignedInOnlyProps {
  /** What signing in is for, `Sign in to see your crates`. */
  readonly title: string
  readonly note?: ReactNode
  readonly children: ReactNode
}

/** Shows a screen to whoever is signed in, also while that is not known yet, and the way to sign in to everybody else. */
export function SignedInOnly({ title, note, children }: SignedInOnlyProps) {
  const t = useText()
  const session = useSession()
  const hasAccount = useHasAccount()
  if (session === undefined || hasAccount) return children
  return (
    <EmptyState
      icon={Lock}
      title={title}
      actions={
        <Link to="/welcome" className={buttonClass('primary')}>
          {t('Sign in')}
        </Link>
      }
    >
      {note}
    </EmptyState>
  )
}

import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { hasChosenToBrowse } from '../shared/state/browsing.ts'
import { useSession } from '../shared/use-session.ts'

/** Brings whoever is signed out, or on a computer that is not registered, to the welcome screen, until they choose to look around. */
export function useFirstRun(): void {
  const navigate = useNavigate()
  const status = useSession()?.status
  useEffect(() => {
    const mustChoose = status === 'needs-device' || status === 'signed-out'
    if (mustChoose && !hasChosenToBrowse()) void navigate({ to: '/welcome', replace: true })
  }, [status, navigate])
}

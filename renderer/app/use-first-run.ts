import { useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { hasChosenToBrowse } from '../shared/state/browsing.ts'
import { useSession } from '../shared/use-session.ts'

/** Brings whoever is signed out to the welcome screen, until they choose to look around without an account. */
export function useFirstRun(): void {
  const navigate = useNavigate()
  const status = useSession()?.status
  useEffect(() => {
    const mustChoose = status === 'needs-device' || (status === 'signed-out' && !hasChosenToBrowse())
    if (mustChoose) void navigate({ to: '/welcome', replace: true })
  }, [status, navigate])
}

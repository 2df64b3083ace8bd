import { useEffect, useRef } from 'react'
import { app } from '../../../contract/app.ts'
import { player, usePlayerState } from '../../shared/state/player.ts'
import { useCall, useCommand } from '../../shared/use-call.ts'

const SETTLE_MS = 600

/** Starts with the volume of the settings, and keeps there what the user chooses. */
export function useKeptVolume(): void {
  const { data } = useCall(app.getSettings, {})
  const { mutate } = useCommand(app.changeSettings, { refresh: [app.getSettings] })
  const { volume } = usePlayerState()
  const kept = useRef<number | null>(null)
  const known = data?.volume
  useEffect(() => {
    if (known === undefined || kept.current !== null) return
    kept.current = known
    player.volumeChanged(known)
  }, [known])
  useEffect(() => {
    if (kept.current === null || kept.current === volume) return
    const timer = setTimeout(() => {
      kept.current = volume
      mutate({ volume })
    }, SETTLE_MS)
    return () => clearTimeout(timer)
  }, [volume, mutate])
}

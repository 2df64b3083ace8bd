import { useCallback, useEffect, useRef, useState } from 'react'
import { type Device, identity } from '../../../contract/identity.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { useCommand } from '../../shared/use-call.ts'

const UNDO_MS = 10_000

/**
 * Removes a device after ten seconds in which it can be taken back: the server can not bring a removed device back, so it is not asked
 * before. Leaving the screen removes at once.
 */
export function useRevoke(): { leaving: ReadonlySet<string>; revoke: (device: Device) => void } {
  const t = useText()
  const [leaving, setLeaving] = useState<ReadonlySet<string>>(new Set())
  const { mutate } = useCommand(identity.revokeDevice, { refresh: [identity.listDevices] })
  const waiting = useRef(new Map<string, ReturnType<typeof setTimeout>>())

  const forget = useCallback((id: string) => {
    waiting.current.delete(id)
    setLeaving((former) => new Set([...former].filter((each) => each !== id)))
  }, [])

  useEffect(() => {
    const timers = waiting.current
    return () => {
      for (const [deviceId, timer] of timers) {
        clearTimeout(timer)
        mutate({ deviceId })
      }
      timers.clear()
    }
  }, [mutate])

  const revoke = useCallback(
    ({ id, name }: Device) => {
      setLeaving((former) => new Set([...former, id]))
      const timer = setTimeout(() => {
        waiting.current.delete(id)
        mutate({ deviceId: id }, { onSettled: () => forget(id) })
      }, UNDO_MS)
      waiting.current.set(id, timer)
      toasts.undoable(t('{name} is removed', { name }), t('Undo'), () => {
        clearTimeout(timer)
        forget(id)
      })
    },
    [t, mutate, forget],
  )
  return { leaving, revoke }
}

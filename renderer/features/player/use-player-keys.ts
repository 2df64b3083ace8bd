import { useEffect } from 'react'
import { player } from '../../shared/state/player.ts'

const STEP_SECONDS = 15
const USES_SPACE =
  'button, input, select, textarea, summary, [role=option], [role=menuitem], [role=checkbox], [role=row]'
const USES_ARROWS = 'input, select, textarea, [role=option], [role=menuitem], [role=menu], [role=row], [role=slider]'

/** Space plays and pauses, Shift with arrows skips tracks, arrows jump 15 seconds, where nothing else uses those keys. */
export function usePlayerKeys(): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const { target, key } = event
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const isUsed = (selector: string): boolean => target instanceof Element && target.closest(selector) !== null
      if (key === ' ' && !isUsed(USES_SPACE)) player.toggled()
      else if (isUsed(USES_ARROWS)) return
      else if (key === 'ArrowRight') event.shiftKey ? player.skipped(1) : player.nudged(STEP_SECONDS)
      else if (key === 'ArrowLeft') event.shiftKey ? player.skipped(-1) : player.nudged(-STEP_SECONDS)
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

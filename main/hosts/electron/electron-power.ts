import { powerSaveBlocker } from 'electron'
import { createSystemPower, powerPrograms } from '../../adapters/system-power.ts'
import type { Power } from '../../core/ports.ts'

/** Holds the computer awake through Electron, the screen may go dark; puts it to sleep by the system's own program, where there is one. */
export function createElectronPower(): Power {
  let blocker: number | null = null
  return {
    keepAwake(isOn) {
      if (isOn) blocker ??= powerSaveBlocker.start('prevent-app-suspension')
      else if (blocker !== null) {
        powerSaveBlocker.stop(blocker)
        blocker = null
      }
    },
    sleep: createSystemPower(powerPrograms(process.platform)).sleep,
  }
}

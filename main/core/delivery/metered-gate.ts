import type { Settings } from '../../../contract/app.ts'
import type { MeteredWatch } from '../needs.ts'

/** Whether downloads may use the connection: by what it is, what the settings say and what the user answered for this connection. */
export interface MeteredGate {
  mayUse(): boolean
  /** True while the user has to say it. */
  asks(): boolean
  /** Holds until the connection changes. */
  answer(mayUse: boolean): void
  /** Ends the listening. */
  close(): void
}

/** `onChange` hears when the answer of `mayUse` may be another one. */
export function createMeteredGate(
  watch: MeteredWatch,
  setting: () => Settings['onMetered'],
  onChange: () => void,
): MeteredGate {
  let answered: boolean | null = null
  const stop = watch.onChange(() => {
    answered = null
    onChange()
  })
  const isMetered = () => watch.isMetered() === true
  return {
    mayUse: () => !isMetered() || setting() === 'use' || (setting() === 'ask' && answered === true),
    asks: () => isMetered() && setting() === 'ask' && answered === null,
    answer(mayUse) {
      answered = mayUse
      onChange()
    },
    close: stop,
  }
}

import type { EventHub } from '../event-hub.ts'
import type { NoticeBoard } from '../notices.ts'
import type { Clock, Power, SettingsStore, Shell } from '../ports.ts'
import { isBusy, lookAtQueue, NO_RUN, type QueueCounts } from './rules.ts'

/** From the empty queue to sleep, in ms: time for whoever sits here to stop it. */
const COUNTDOWN_MS = 60_000
/** Changes of the queue within this time, in ms, are looked at as one. */
const TOGETHER_MS = 500

const NOTICE = 'sleeping-soon'
const SOON = 'Everything has arrived. This computer goes to sleep in a minute; do anything in MixMint to keep it awake.'
const FAILED = 'Everything has arrived, but this computer can not be put to sleep from here.'

interface WatchNeeds {
  readonly power: Power
  readonly settings: Pick<SettingsStore, 'get' | 'onChange'>
  readonly clock: Clock
  readonly events: Pick<EventHub, 'subscribe'>
  readonly notices: NoticeBoard
  readonly shell: Pick<Shell, 'notify'>
  /** The queue of the account in use; nothing where nobody is signed in. */
  readonly counts: () => QueueCounts
}

export interface PowerWatch {
  /** The user did something: a sleep that is announced does not come. */
  touched(): void
  close(): void
}

/** Keeps the computer awake while something downloads, and puts it to sleep after the queue has run empty, where the settings say so. */
export function createPowerWatch(needs: WatchNeeds): PowerWatch {
  const { power, settings, clock, notices } = needs
  let run = NO_RUN
  let wasTouched = false
  let isAwake = false
  let stopLook: (() => void) | null = null
  let stopCountdown: (() => void) | null = null

  const stopEvents = needs.events.subscribe(({ type }) => {
    if (type.startsWith('delivery.') || type === 'identity.changed') lookSoon()
  })
  const stopSettings = settings.onChange(look)

  function lookSoon(): void {
    stopLook ??= clock.after(TOGETHER_MS, look)
  }

  function look(): void {
    stopLook?.()
    stopLook = null
    const counts = needs.counts()
    const { keepAwake, afterQueue } = settings.get()
    hold(keepAwake && isBusy(counts))
    const [next, ranEmpty] = lookAtQueue(run, counts, wasTouched)
    run = next
    wasTouched = false
    if (run.isAtWork || afterQueue !== 'sleep') keepUp()
    else if (ranEmpty) announce()
  }

  function hold(isOn: boolean): void {
    if (isOn === isAwake) return
    isAwake = isOn
    power.keepAwake(isOn)
  }

  function announce(): void {
    stopCountdown?.()
    stopCountdown = clock.after(COUNTDOWN_MS, () => void fallAsleep())
    notices.add(NOTICE, SOON)
    needs.shell.notify('MixMint', SOON)
  }

  async function fallAsleep(): Promise<void> {
    keepUp()
    if (!(await power.sleep())) notices.add('no-sleep', FAILED)
  }

  /** Takes back what was announced. */
  function keepUp(): void {
    if (stopCountdown === null) return
    stopCountdown()
    stopCountdown = null
    notices.dismiss(NOTICE)
  }

  return {
    touched() {
      wasTouched = true
      keepUp()
    },
    close() {
      stopEvents()
      stopSettings()
      stopLook?.()
      keepUp()
      hold(false)
    },
  }
}

import { useEffect, useRef, useState } from 'react'
import type { Output } from '../../../contract/call.ts'
import { delivery } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import { toasts } from '../../shared/state/toasts.ts'
import { useText } from '../../shared/text.ts'
import { useCommand } from '../../shared/use-call.ts'

/** What was found; `queued` is null when nothing was to be repaired. */
export type RepairReport = Output<typeof library.verify> & { readonly queued: number | null }

export interface Repair {
  readonly isOpen: boolean
  readonly isWorking: boolean
  /** How many files were chosen for it; null: all. */
  readonly count: number | null
  readonly report: RepairReport | null
  readonly error: Error | null
  /** Opens the question for these tracks, or all. */
  asked(trackIds?: readonly string[]): void
  checked(): void
  repaired(): void
  /** Work that goes on tells its result in a message. */
  closed(): void
}

interface Shown {
  readonly isOpen: boolean
  readonly trackIds: readonly string[] | null
  readonly report: RepairReport | null
}

const CLOSED: Shown = { isOpen: false, trackIds: null, report: null }

/** Checks and repairs local files, in front of the screen or behind it. */
export function useRepair(): Repair {
  const t = useText()
  const [shown, setShown] = useState(CLOSED)
  const isInSight = useRef(false)
  useEffect(
    () => () => {
      isInSight.current = false
    },
    [],
  )
  function tell(report: RepairReport): void {
    if (isInSight.current) {
      setShown((former) => ({ ...former, report }))
      return
    }
    const { checked, damaged, missing } = report
    const words =
      '{checked} files checked: {damaged, plural, =0 {none} other {#}} damaged, {missing, plural, =0 {none} other {#}} missing'
    toasts.told(t(words, { checked, damaged, missing }))
  }
  const verify = useCommand(library.verify, {
    showsFailure: true,
    refresh: [library.list],
    onDone: (found) => tell({ ...found, queued: null }),
  })
  const repair = useCommand(library.repair, {
    showsFailure: true,
    refresh: [library.list, delivery.list],
    onDone: tell,
  })
  const input = shown.trackIds === null ? {} : { trackIds: [...shown.trackIds] }
  return {
    isOpen: shown.isOpen,
    isWorking: verify.isPending || repair.isPending,
    count: shown.trackIds?.length ?? null,
    report: shown.report,
    error: repair.error ?? verify.error,
    asked: (trackIds) => {
      if (!verify.isPending) verify.reset()
      if (!repair.isPending) repair.reset()
      isInSight.current = true
      setShown({ isOpen: true, trackIds: trackIds ?? null, report: null })
    },
    checked: () => verify.mutate(input),
    repaired: () => {
      setShown((former) => ({ ...former, report: null }))
      repair.mutate(input)
    },
    closed: () => {
      isInSight.current = false
      setShown(CLOSED)
    },
  }
}

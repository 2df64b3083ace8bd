import { useState } from 'react'
import { delivery } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import { type ErrorText, errorText } from '../error-text.ts'
import { toasts } from '../state/toasts.ts'
import { useText } from '../text.ts'
import { useCommand } from '../use-call.ts'

export interface TrackRepair {
  start(): void
  readonly isPending: boolean
  /** Why it did not come about, to be said where it was asked for. */
  readonly problem: ErrorText | null
}

const NOT_OWNED: ErrorText = {
  what: 'Your account does not have it any more',
  remedy: 'The file stays as it is. If you bought it, write to support.',
}

/** Reads one track's file again and fetches what is broken of it; a file that has only moved is found and nothing is fetched. */
export function useRepairTrack({ trackId, title }: { trackId: string; title: string }): TrackRepair {
  const t = useText()
  const [refusal, setRefusal] = useState<ErrorText | null>(null)
  const cancel = useCommand(delivery.cancelDownload)
  const repair = useCommand(library.repair, {
    showsFailure: true,
    refresh: [library.list],
    onDone: ({ here, retagged, damaged, downloadIds }) => {
      if (downloadIds.length > 0) {
        const words = damaged > 0 ? '{title}: only what is broken is fetched again' : '{title} is fetched again'
        toasts.undoable(t(words, { title }), t('Undo'), () => {
          for (const downloadId of downloadIds) cancel.mutate({ downloadId })
        })
      } else if (here + retagged > 0) toasts.told(t('{title} is healthy: the file was found', { title }))
      else setRefusal(NOT_OWNED)
    },
  })
  return {
    isPending: repair.isPending,
    problem: repair.error === null ? refusal : errorText(repair.error),
    start() {
      setRefusal(null)
      repair.mutate({ trackIds: [trackId] })
    },
  }
}

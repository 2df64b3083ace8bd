import type { z } from 'zod'
import { delivery } from '../../../contract/delivery.ts'
import { library } from '../../../contract/library.ts'
import type { AudioFormat, ContentRef } from '../../../contract/values.ts'
import { withDownload } from '../state/download-list.ts'
import { queuedDownload } from '../state/queued-download.ts'
import { patchAnswers, useCommand } from '../use-call.ts'

export interface Wanted extends z.infer<typeof ContentRef> {
  readonly title: string
  readonly artist: string
  readonly cover: string | null
  /** The store's best one, where none is asked for. */
  readonly format?: AudioFormat
}

/** Puts something into the queue: it is queued on the screen at once, and taken back with the reason when the core refuses. */
export function useStartDownload(): { start: (wanted: Wanted) => void; isPending: boolean } {
  const { mutate, isPending } = useCommand(delivery.start, {
    refreshAfterFailure: [delivery.list, library.list],
    optimistic: ({ contentType, contentId, title = '', artist = '', cover = null, format = null }, queries) => {
      const asked = { content: { contentType, contentId }, title, artist, cover, format }
      const standIn = queuedDownload(asked, new Date().toISOString())
      return patchAnswers(queries, delivery.list, (list) => withDownload(list, standIn))
    },
  })
  return {
    isPending,
    start: ({ contentType, contentId, title, artist, cover, format }) =>
      mutate({ contentType, contentId, title, artist, cover, ...(format === undefined ? {} : { format }) }),
  }
}

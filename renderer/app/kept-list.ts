import type { QueryClient } from '@tanstack/react-query'
import type { Output } from '../../contract/call.ts'
import { type Download, delivery } from '../../contract/delivery.ts'
import { isHistory, withDownload } from '../shared/state/download-list.ts'

type List = Output<typeof delivery.list>

const KEY = [delivery.list.name, {}]

/** The answer of `delivery.list` as it is here, kept true by what is told of single downloads: of ten thousand only one comes again. */
export interface KeptList {
  /**
   * Takes over what was told. `moved`: it is new, or went into the history or out of it. `none`: there is no list here that could take it.
   */
  take(download: Download): 'stayed' | 'moved' | 'none'
  close(): void
}

export function keepDownloadList(queries: QueryClient): KeptList {
  /** What was told while an answer was under way, which may be older. */
  const sinceAsked = new Map<string, Download>()
  const stop = queries.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.query.queryHash !== HASH) return
    const { action } = event
    if (action.type === 'fetch') sinceAsked.clear()
    if (action.type !== 'success' || action.manual === true || sinceAsked.size === 0) return
    const told = [...sinceAsked.values()]
    sinceAsked.clear()
    queries.setQueryData<List>(KEY, (list) => list && told.reduce(withDownload, list))
  })

  return {
    take(download) {
      const list = queries.getQueryData<List>(KEY)
      if (queries.isFetching({ queryKey: KEY, exact: true }) > 0) sinceAsked.set(download.id, download)
      if (list === undefined) return 'none'
      const former = list.downloads.find(({ id }) => id === download.id)
      queries.setQueryData<List>(KEY, withDownload(list, download))
      return former === undefined || isHistory(former) !== isHistory(download) ? 'moved' : 'stayed'
    },
    close: stop,
  }
}

const HASH = JSON.stringify(KEY)

import { hashKey, type QueryClient } from '@tanstack/react-query'
import type { Output } from '../../contract/call.ts'
import { type Download, delivery } from '../../contract/delivery.ts'
import { isHistory, withDownload } from '../shared/state/download-list.ts'
import { downloadProgress } from '../shared/state/downloads.ts'

type List = Output<typeof delivery.list>

const KEY = [delivery.list.name, {}]
const HASH = hashKey(KEY)

/** The answer of `delivery.list` as it is here, kept true by what is told of single downloads: of ten thousand only one comes again. */
export interface KeptList {
  /**
   * Takes over what was told. `same`: its state is the one that was told before. `stayed`: another one, at the same place. `moved`: it is
   * new, or went into the history or out of it. `none`: there is no list here that could take it.
   */
  take(download: Download): 'same' | 'stayed' | 'moved' | 'none'
  close(): void
}

export function keepDownloadList(queries: QueryClient): KeptList {
  /** What was told while an answer was under way, which may be older. */
  const sinceAsked = new Map<string, Download>()
  const stop = queries.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.query.queryHash !== HASH) return
    const { action } = event
    if (action.type === 'fetch') sinceAsked.clear()
    if (action.type !== 'success' || action.manual === true) return
    const told = [...sinceAsked.values()]
    sinceAsked.clear()
    if (told.length > 0) queries.setQueryData<List>(KEY, (list) => list && told.reduce(withDownload, list))
    downloadProgress.listed(queries.getQueryData<List>(KEY)?.downloads ?? [])
  })

  const lastTold = new Map<string, Download['status']>()

  return {
    take(download) {
      const { id, status } = download
      if (queries.isFetching({ queryKey: KEY, exact: true }) > 0) sinceAsked.set(id, download)
      const isNews = lastTold.get(id) !== status
      lastTold.set(id, status)
      const list = queries.getQueryData<List>(KEY)
      const former = list?.downloads.find((one) => one.id === id)
      if (list === undefined || (!isNews && former?.status === status)) {
        downloadProgress.arrived(download)
        return isNews ? 'none' : 'same'
      }
      queries.setQueryData<List>(KEY, withDownload(list, download))
      downloadProgress.taken(id)
      return former === undefined || isHistory(former) !== isHistory(download) ? 'moved' : 'stayed'
    },
    close: stop,
  }
}

import type { QueryClient } from '@tanstack/react-query'
import { app } from '../../contract/app.ts'
import type { CallDefinition, Output } from '../../contract/call.ts'
import { catalogue } from '../../contract/catalogue.ts'
import { commerce } from '../../contract/commerce.ts'
import { crates } from '../../contract/crates.ts'
import { type Download, delivery } from '../../contract/delivery.ts'
import { entitlements } from '../../contract/entitlements.ts'
import { CoreEvent } from '../../contract/events.ts'
import { identity } from '../../contract/identity.ts'
import { library } from '../../contract/library.ts'
import type { Client } from '../shared/client.tsx'
import { errorText, reasonText } from '../shared/error-text.ts'
import { downloadProgress } from '../shared/state/downloads.ts'
import { player } from '../shared/state/player.ts'
import { toasts } from '../shared/state/toasts.ts'
import { createAsking } from './asking.ts'
import { keepDownloadList } from './kept-list.ts'

const OWNERSHIP: readonly CallDefinition[] = [
  library.list,
  catalogue.home,
  catalogue.listTracks,
  catalogue.getTrack,
  catalogue.getPack,
  catalogue.getDj,
  catalogue.listPacks,
  entitlements.listSubscriptions,
]

const TOTALS: readonly CallDefinition[] = [delivery.plan, delivery.everything]

/** One report at the end tells of all of them; until then each download would be a message. */
function isFetchingEverything(queries: QueryClient): boolean {
  const known = queries.getQueryData<Output<typeof delivery.everything>>([delivery.everything.name, {}])
  return known?.everything != null && known.everything.finishedAt === null
}

function tell({ status, title, reason }: Download): void {
  if (status === 'done') toasts.told(`${title} is here, verified`)
  if (status === 'failed') toasts.failed(reason === null ? errorText(null) : reasonText(reason))
  if (status === 'needs-space') toasts.failed(reasonText(reason ?? { code: 'disk-full', message: '' }))
}

/** Turns what the core tells into changes of stores and questions asked again. The answer stops it. */
export function followEvents(client: Client, queries: QueryClient, navigate: (route: string) => void): () => void {
  const ask = createAsking(queries)
  const list = keepDownloadList(queries)

  function downloadProgressed(download: Download): void {
    const place = list.take(download)
    if (place === 'same') return
    ask(...TOTALS)
    // On its way a track's state is its download's; what the library says counts where it begins and ends.
    if (place !== 'stayed') ask(library.list, crates.list, crates.plan)
    if (!isFetchingEverything(queries)) tell(download)
  }

  const stop = client.subscribe((told) => {
    const parsed = CoreEvent.safeParse(told)
    if (!parsed.success) {
      // The stream was away for a while, or a newer core tells something this page does not know.
      downloadProgress.forgotten()
      void queries.invalidateQueries()
      return
    }
    const event = parsed.data
    switch (event.type) {
      case 'identity.changed':
        downloadProgress.forgotten()
        player.paused()
        void queries.invalidateQueries()
        return
      case 'network.changed':
        ask(app.status)
        if (event.isOnline) void queries.invalidateQueries({ predicate: ({ state }) => state.status === 'error' })
        return
      case 'delivery.progressed':
        downloadProgressed(event.download)
        return
      case 'delivery.changed':
        ask(delivery.list, ...TOTALS)
        return
      case 'library.changed':
        ask(...OWNERSHIP, crates.list, crates.plan)
        return
      case 'crates.changed':
        ask(crates.list, crates.plan)
        return
      case 'settings.changed':
        ask(app.getSettings, app.status, delivery.list, crates.plan)
        return
      case 'commerce.changed':
        ask(commerce.getPayment, commerce.listPayments, ...OWNERSHIP)
        return
      case 'notices.changed':
        ask(app.status, identity.state)
        return
      case 'navigation.requested':
        navigate(event.route)
        return
    }
  })
  return () => {
    stop()
    list.close()
  }
}

import type { QueryClient } from '@tanstack/react-query'
import { app } from '../../contract/app.ts'
import type { CallDefinition } from '../../contract/call.ts'
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

/** Turns what the core tells into changes of stores and questions asked again. The answer stops it. */
export function followEvents(client: Client, queries: QueryClient, navigate: (route: string) => void): () => void {
  const ask = (...definitions: readonly CallDefinition[]): void => {
    for (const { name } of definitions) void queries.invalidateQueries({ queryKey: [name] })
  }
  const lastStatus = new Map<string, Download['status']>()

  function downloadProgressed(download: Download): void {
    downloadProgress.arrived(download)
    if (lastStatus.get(download.id) === download.status) return
    lastStatus.set(download.id, download.status)
    ask(delivery.list, library.list, crates.list, crates.plan)
    const { title, reason } = download
    if (download.status === 'done') toasts.told(`${title} is here, verified`)
    if (download.status === 'failed') toasts.failed(reason === null ? errorText(null) : reasonText(reason))
  }

  return client.subscribe((told) => {
    const parsed = CoreEvent.safeParse(told)
    if (!parsed.success) {
      // The stream was away for a while, or a newer core tells something this page does not know.
      void queries.invalidateQueries()
      return
    }
    const event = parsed.data
    switch (event.type) {
      case 'identity.changed':
        downloadProgress.listed()
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
        downloadProgress.listed()
        ask(delivery.list)
        return
      case 'library.changed':
        ask(...OWNERSHIP, crates.list, crates.plan)
        return
      case 'crates.changed':
        ask(crates.list, crates.plan)
        return
      case 'settings.changed':
        ask(app.getSettings, app.status)
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
}

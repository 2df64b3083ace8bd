import type { app as calls } from '../../../contract/app.ts'
import type { Handlers } from '../../../contract/call.ts'
import { AppError } from '../../../contract/errors.ts'
import type { EventHub } from '../event-hub.ts'
import type { NoticeBoard } from '../notices.ts'
import type { Ports } from '../ports.ts'
import type { ProbedNetwork } from '../server/network.ts'
import type { ServerInfo, ServerInfoSource } from '../server/server-info.ts'
import { assertWritableFolder, type FolderBrowser } from './browse-folders.ts'
import type { FolderRegistry } from './folder-registry.ts'
import type { LibraryFolder } from './library-folder.ts'
import { isOpenable } from './openable-address.ts'

interface HandlerNeeds {
  readonly ports: Ports
  readonly events: EventHub
  readonly notices: NoticeBoard
  readonly network: ProbedNetwork
  readonly serverInfo: ServerInfoSource
  readonly registry: FolderRegistry
  readonly browser: FolderBrowser
  readonly libraryFolder: LibraryFolder
}

/** The first screen waits for the server no longer than this. */
const STATUS_WAIT_MS = 1_500

/** How this installation runs, its settings, its folders and its way to the browser. */
export function appHandlers(needs: HandlerNeeds) {
  const { ports, events, notices, network, serverInfo, registry, browser, libraryFolder } = needs

  /** What the server says of itself; what is known of it when it takes longer than `ms`. */
  async function infoWithin(ms: number): Promise<ServerInfo | null> {
    const late = Promise.withResolvers<void>()
    const stop = ports.clock.after(ms, late.resolve)
    const asked = serverInfo.get().catch(() => null)
    const answer = await Promise.race([asked, late.promise])
    stop()
    return answer ?? serverInfo.known()
  }

  return {
    status: async () => {
      const info = await infoWithin(STATUS_WAIT_MS)
      return {
        host: ports.host,
        version: ports.version,
        isOnline: network.isOnline(),
        serverAddress: ports.serverAddress,
        libraryFolder: libraryFolder.path(),
        notices: [...notices.list()],
        demoAccounts: info?.demoAccounts ?? [],
        oauthProviders: info?.oauthProviders ?? [],
      }
    },
    checkServer: async () => ({ isOnline: await network.check() }),
    dismissNotice: async (_, { code }) => {
      notices.dismiss(code)
      return { done: true }
    },
    getSettings: async () => ports.settings.get(),
    changeSettings: async (_, patch) => {
      const changed = ports.settings.change(patch)
      events.emit({ type: 'settings.changed' })
      return changed
    },
    browseFolders: async (_, { folderId }) => await browser.list(folderId),
    createFolder: async (_, { parentId, name }) => await browser.create(parentId, name),
    chooseFolder: async () => {
      const picked = await ports.shell.pickFolder()
      if (picked === undefined) return { folder: null, hasDialog: false }
      return { folder: picked === null ? null : registry.remember(picked), hasDialog: true }
    },
    setLibraryFolder: async (_, { folderId }) => {
      const folder = registry.pathOf(folderId)
      await assertWritableFolder(folder)
      registry.remember(folder)
      libraryFolder.choose(folder)
      events.emit({ type: 'settings.changed' })
      return { done: true }
    },
    openInBrowser: async (_, { address }) => {
      const info = await serverInfo.get().catch(() => serverInfo.known())
      const own = [ports.serverAddress, info?.publicOrigin, info?.authUrl].flatMap((known) =>
        known === null || known === undefined ? [] : [new URL(known).origin],
      )
      if (!isOpenable(address, own)) throw new AppError('not-allowed')
      return { address, wasOpened: await ports.shell.openAddress(address) }
    },
  } satisfies Handlers<typeof calls, 'desktop', void>
}

import path from 'node:path'
import { app } from '../../contract/app.ts'
import { AppError } from '../../contract/errors.ts'
import { callsByName } from '../../contract/index.ts'
import { appHandlers } from './app/app-handlers.ts'
import { createFolderBrowser } from './app/browse-folders.ts'
import { createFolderRegistry } from './app/folder-registry.ts'
import { createLibraryFolder } from './app/library-folder.ts'
import { volumeParents } from './app/volume-parents.ts'
import { commerceHandlers } from './commerce/commerce-handlers.ts'
import { commerceMigrations } from './commerce/pending-checkouts.ts'
import { createDoor } from './door.ts'
import { createEventHub } from './event-hub.ts'
import { featureSet } from './feature-set.ts'
import { createDeviceKeys } from './identity/device-keys.ts'
import { createIdentity, type Identity } from './identity/identity.ts'
import { identityHandlers } from './identity/identity-handlers.ts'
import { createSessionKeeper } from './identity/session-keeper.ts'
import { readLink } from './links.ts'
import { createAccountSpaces } from './local-db/account-spaces.ts'
import { createMediaCache } from './media/media-cache.ts'
import type { CoreNeeds } from './needs.ts'
import { createNoticeBoard } from './notices.ts'
import type { Core, Ports } from './ports.ts'
import { createPowerWatch } from './power/power-watch.ts'
import { countDownloads } from './power/rows.ts'
import { createMeteredWatch } from './server/metered-watch.ts'
import { createNetwork } from './server/network.ts'
import { networkAddresses } from './server/network-addresses.ts'
import { createProofHeaders } from './server/proof-headers.ts'
import { createProxyAgents } from './server/proxy-agents.ts'
import { createServerCall, type ServerCall } from './server/server-call.ts'
import { createServerInfo } from './server/server-info.ts'
import type { SessionSource } from './server/session-source.ts'
import { watchForWaking } from './server/wake-watch.ts'

export interface CoreOptions {
  /** Development and tests: outputs are checked, and undeclared failures are bugs. */
  readonly isStrict?: boolean
}

/** Puts the desktop application together over the ports of its host. Throws `newer-data`, `no-secret-store`, `disk-error`. */
export async function createCore(ports: Ports, { isStrict = false }: CoreOptions = {}): Promise<Core> {
  const { clock, random, log, settings, secrets, folders, serverAddress } = ports
  const events = createEventHub(log)
  const notices = createNoticeBoard(events)
  if (settings.recovered) notices.add('settings-recovered', 'Settings that were damaged are back at their defaults.')

  // The relay asks identity for the session, and identity asks the server through the relay: each reaches the other when it is called.
  let identity: Identity
  const session: SessionSource = {
    accessToken: () => identity.accessToken(),
    renew: (rejected) => identity.renew(rejected),
    deviceKey: () => identity.deviceKey(),
    deviceReady: () => identity.deviceReady(),
    deviceRefused: () => identity.deviceRefused(),
  }
  const agentsFor = createProxyAgents(ports.proxyFor)
  const network = createNetwork({ clock, events, probe: async () => void (await serverCall(app.serverInfo, {})) })
  const metered = createMeteredWatch({ port: ports.metered, settings, clock, network })
  const serverInfo = createServerInfo(serverAddress, settings, () => serverCall)
  const proofs = createProofHeaders({
    clock,
    random,
    session,
    serverAddress,
    proxyFor: ports.proxyFor,
    publicOrigin: async () => (await serverInfo.get()).publicOrigin,
  })
  const serverCall: ServerCall = createServerCall({ serverAddress, agentsFor, random, network, session, proofs })

  const spaces = createAccountSpaces({
    dataFolder: folders.data,
    migrations: [...commerceMigrations, ...featureSet.migrations],
    clock,
    log,
    notices,
  })
  const keeper = createSessionKeeper({
    clock,
    log,
    secrets,
    network,
    agentsFor,
    serverInfo,
    onExpired: () => identity.expired(),
  })
  identity = createIdentity({
    log,
    secrets,
    settings,
    events,
    network,
    spaces,
    keeper,
    deviceKeys: createDeviceKeys(secrets),
    serverCall,
  })

  const registry = createFolderRegistry(settings, random)
  const libraryFolder = createLibraryFolder(settings, folders.defaultLibrary)
  const media = createMediaCache({
    folder: path.join(folders.data, 'media'),
    serverAddress,
    network,
    agentsFor,
    random,
  })
  const needs: CoreNeeds = {
    version: ports.version,
    clock,
    random,
    log,
    settings,
    shell: ports.shell,
    folders,
    folderIds: registry,
    libraryFolder: libraryFolder.path,
    serverCall,
    signed: proofs,
    network,
    metered,
    signIn: {
      isReady: () => identity.state().status === 'signed-in',
      onChange: (listener) =>
        events.subscribe((event) => {
          if (event.type === 'identity.changed') listener()
        }),
    },
    emit: events.emit,
    notices,
    media,
    account: spaces.required,
    accountOrNull: spaces.current,
    onAccountChange: spaces.onChange,
  }
  const features = featureSet.create(needs)
  const identityCalls = identityHandlers({ identity, keeper, returnTo: ports.returnTo.auth })
  const commerceCalls = commerceHandlers({
    ...needs,
    serverCall,
    returnTo: ports.returnTo.payment,
    onCaptured: features.bought,
  })
  const appCalls = appHandlers({
    ports,
    events,
    notices,
    network,
    serverInfo,
    registry,
    libraryFolder,
    browser: createFolderBrowser({
      registry,
      home: folders.home,
      library: libraryFolder.path,
      volumeParents: volumeParents(),
    }),
  })
  const power = createPowerWatch({
    power: ports.power,
    settings,
    clock,
    events,
    notices,
    shell: ports.shell,
    counts() {
      const account = spaces.current()
      return account?.db.isOpen === true ? countDownloads(account.db) : {}
    },
  })
  const call = createDoor({
    handlers: { ...features.handlers, app: appCalls, identity: identityCalls, commerce: commerceCalls },
    serverCall,
    log,
    random,
    isStrict,
  })
  await identity.start()

  function woke() {
    features.reconnect()
    void network.check()
    void metered.refresh()
  }

  const stopWatching = watchForWaking({
    clock,
    addresses: networkAddresses,
    onWake: woke,
    onNewAddress() {
      void network.check()
      void metered.refresh()
    },
  })

  async function close() {
    stopWatching()
    power.close()
    metered.close()
    network.close()
    identity.close()
    await features.close()
    await spaces.use(null)
  }

  return {
    async call(name, input) {
      if (callsByName.get(name)?.kind === 'command') power.touched()
      return await call(name, input)
    },
    subscribe: events.subscribe,
    async openMedia(id, range) {
      if (!id.startsWith('track/')) return await media.open(id, range)
      return await features.openTrack(id.slice('track/'.length), range)
    },
    async followLink(link) {
      const action = readLink(link)
      if (action === null) return false
      try {
        if (action.type === 'finish-sign-in') await identityCalls.finishOAuth(undefined, { code: action.code })
        if (action.type === 'check-payment') {
          events.emit({ type: 'navigation.requested', route: `/payment/${action.paymentId}` })
          await commerceCalls.checkPayment(undefined, { paymentId: action.paymentId })
        }
        if (action.type === 'navigate') events.emit({ type: 'navigation.requested', route: action.route })
        return true
      } catch (error) {
        if (!(error instanceof AppError)) log.error({ error, action: action.type }, 'a link could not be followed')
        return false
      }
    },
    rememberFolder(folder) {
      if (!path.isAbsolute(folder)) throw new AppError('not-allowed', 'A folder is named by its whole path')
      return registry.remember(path.normalize(folder))
    },
    woke,
    close,
    [Symbol.asyncDispose]: close,
  }
}

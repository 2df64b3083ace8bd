import path from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Settings } from '../../../contract/app.ts'
import type { Caller } from '../../../contract/call.ts'
import type { Completion, Download } from '../../../contract/delivery.ts'
import type { Owned } from '../../../contract/entitlements.ts'
import { AppError } from '../../../contract/errors.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import type { AudioFormat, ByteRange } from '../../../contract/values.ts'
import { createCrates } from '../../../main/core/crates/crates.ts'
import { cratesMigrations } from '../../../main/core/crates/migrations.ts'
import { openCarrier } from '../../../main/core/delivery/bytes/open-carrier.ts'
import { createDelivery } from '../../../main/core/delivery/delivery.ts'
import { everythingMigrations } from '../../../main/core/delivery/everything-migrations.ts'
import { deliveryMigrations } from '../../../main/core/delivery/migrations.ts'
import { TIMINGS } from '../../../main/core/delivery/timings.ts'
import { createEventHub } from '../../../main/core/event-hub.ts'
import { createLibrary } from '../../../main/core/library/library.ts'
import { libraryMigrations } from '../../../main/core/library/migrations.ts'
import { LIBRARY_FOLDER } from '../../../main/core/library/volume.ts'
import { openLocalDb } from '../../../main/core/local-db/open-local-db.ts'
import type { AccountSpace, CoreNeeds } from '../../../main/core/needs.ts'
import type { Log } from '../../../main/core/ports.ts'
import { createNetwork } from '../../../main/core/server/network.ts'
import type { Dice } from './dice.ts'
import type { ForgettingDisk } from './forgetting-disk.ts'
import type { Life, Scheduler } from './scheduler.ts'
import type { createSimulatedCrates } from './simulated-crates.ts'
import type { SimulatedNetwork } from './simulated-network.ts'
import type { SimulatedServer } from './simulated-server.ts'

const ACCOUNT = '5f0d1c7e-3c7a-4f53-9a55-0a8f5c7c3b11'
const DATA = '/home/data'
/** The default library folder. */
export const LIBRARY = '/home/music'
/** Where the crate of the simulated user goes. */
export const CRATE = '/home/crate'
const MEDIA = '/media'
/** A drive with the library on it, and where it is mounted first. */
const STICK = { volume: 'stick', mount: `${MEDIA}/stick`, library: `${MEDIA}/stick/Music` } as const
export const STAGING = path.join(DATA, 'accounts', ACCOUNT, 'staging')

/** Small files are worth several connections and several syncs here. */
const SMALL_TIMINGS = { ...TIMINGS, connectionWorthBytes: 32 * 1024, syncEveryBytes: 48 * 1024 }

const SETTINGS: Settings = {
  theme: 'system',
  parallelDownloads: 3,
  connectionsPerFile: 3,
  bandwidthLimit: null,
  speedSchedule: [],
  headroomPercent: 0,
  onMetered: 'use',
  meteredConnection: 'auto',
  keepAwake: false,
  afterQueue: 'nothing',
  keepPackZips: false,
  downloadAfterPurchase: false,
  fileNameTemplate: '{artist} - {title}',
  volume: 1,
}

/** What outlives a process of the application: its database, its settings, its disk. */
export interface Computer {
  readonly db: DatabaseSync
  readonly settings: Settings
  readonly values: Map<string, unknown>
  disk: ForgettingDisk
  /** Where the files of the library really lie, wherever the drive is mounted. */
  readonly library: string
  /** What its connection is: paid by volume or not. */
  isMetered: boolean
}

/** A computer on which the application has never run; its library is the default one, or on a drive of its own. */
export function newComputer(disk: ForgettingDisk, { isOnStick = false } = {}): Computer {
  for (const folder of [LIBRARY, CRATE, DATA, MEDIA]) disk.makeFolder(folder)
  const { db } = openLocalDb(
    ':memory:',
    [...libraryMigrations, ...deliveryMigrations, ...everythingMigrations, ...cratesMigrations],
    0,
  )
  const values = new Map<string, unknown>()
  const library = isOnStick ? `/volumes/${STICK.volume}/Music` : LIBRARY
  if (isOnStick) {
    disk.makeFolder(library)
    disk.mount(STICK.volume, STICK.mount)
    values.set(LIBRARY_FOLDER, STICK.library)
  }
  return { db, settings: { ...SETTINGS }, values, disk, library, isMetered: false }
}

interface World {
  readonly scheduler: Scheduler
  readonly roll: Dice
  readonly server: SimulatedServer
  readonly network: SimulatedNetwork
  readonly crates: ReturnType<typeof createSimulatedCrates>
  /** What the server says that the account owns. */
  readonly owned: () => Owned[]
  /** Hears every event of the core. */
  readonly onEvent: (event: CoreEvent) => void
}

/** One run of the application, from its start to its end. */
export type Session = Awaited<ReturnType<typeof startSession>>

/** Starts the core's delivery and library as the application does, over everything simulated. */
export async function startSession(world: World, computer: Computer) {
  const { scheduler, roll, server, network, crates: cratesThere, owned } = world
  const life: Life = { isOver: false }
  const clock = scheduler.clockOf(life)
  const disk = computer.disk.diskFor(life)
  const errors: string[] = []
  const error: Log['error'] = (fields, message) => {
    const { error: cause } = fields as { error?: unknown }
    errors.push(`${message}: ${cause instanceof Error ? cause.stack : JSON.stringify(fields)}`)
  }
  const log: Log = { debug() {}, info() {}, warn() {}, error }
  const events = createEventHub(log)
  events.subscribe((event) => {
    if (!life.isOver) world.onEvent(event)
  })
  const probed = createNetwork({ clock, events, probe: () => network.callFor(life, () => {}) })
  const settingsListeners = new Set<() => void>()
  const lineListeners = new Set<(isMetered: boolean | null) => void>()
  const account: AccountSpace = { accountId: ACCOUNT, folder: path.join(DATA, 'accounts', ACCOUNT), db: computer.db }

  const serverCall = (async (definition, input) => {
    const asked = input as {
      contentId: string
      attemptId: string
      files: Completion[]
      format?: AudioFormat
      want?: ByteRange[]
    }
    try {
      const answer = await network.callFor(life, () => {
        if (definition.name === 'delivery.init') return server.init(asked)
        if (definition.name === 'delivery.completeMany') return server.completeMany(asked.files)
        if (definition.name === 'delivery.cancel') return server.cancel(asked.attemptId)
        if (definition.name === 'entitlements.listOwned') return { items: owned(), nextCursor: null }
        return cratesThere.call(definition.name, input)
      })
      probed.report('reached')
      return answer
    } catch (error) {
      if (error instanceof AppError && error.code === 'offline') probed.report('unreachable')
      throw error
    }
  }) as Caller

  const needs: CoreNeeds = {
    version: '0.0.0-test',
    clock,
    random: { bytes: (length) => roll.bytes(length), uuid: () => roll.uuid() },
    log,
    settings: {
      get: () => computer.settings,
      change(patch) {
        Object.assign(computer.settings, patch)
        for (const listener of settingsListeners) listener()
        return computer.settings
      },
      readValue: (name) => computer.values.get(name),
      writeValue: (name, value) => void computer.values.set(name, value),
      onChange(listener) {
        settingsListeners.add(listener)
        return () => settingsListeners.delete(listener)
      },
      recovered: false,
    },
    shell: {
      openAddress: async () => false,
      showInFolder: async () => false,
      pickFolder: async () => null,
      notify: () => {},
    },
    folders: { data: DATA, defaultLibrary: LIBRARY, home: '/home' },
    folderIds: { pathOf: (id) => id, remember: (place) => ({ id: place, name: path.basename(place), path: place }) },
    libraryFolder: () => String(computer.values.get(LIBRARY_FOLDER) ?? LIBRARY),
    serverCall,
    signed: {
      address: () => 'http://store.example',
      proxy: () => null,
      headers: async () => ({}),
      noteAnswer: () => {},
      renewSession: async () => {},
    },
    network: probed,
    metered: {
      isMetered: () => computer.isMetered,
      onChange(listener) {
        lineListeners.add(listener)
        return () => lineListeners.delete(listener)
      },
    },
    emit: (event) => events.emit(event),
    notices: { add: () => {} },
    media: {
      open: () => Promise.reject(new AppError('offline')),
      file: () => Promise.reject(new AppError('offline')),
    },
    account: () => account,
    accountOrNull: () => account,
    onAccountChange(listener) {
      opening.push(Promise.resolve(listener(account)))
      return () => {}
    },
  }
  const opening: Promise<void>[] = []
  const library = createLibrary(needs, disk, {
    download: (wanted) => delivery.again(wanted),
    findDrive: () => delivery.findDrive(),
  })
  const carrier = openCarrier({ clock, timings: SMALL_TIMINGS, open: network.openFor(life) })
  const options = { disk, timings: SMALL_TIMINGS, carrier, volumeParents: [MEDIA], refreshOwned: library.refresh }
  const delivery = createDelivery(needs, {
    ...options,
    onArrived: () => crates.arrived(),
    copyFolders: () => crates.waitingFolders(),
  })
  const crates = createCrates(needs, {
    disk,
    download: delivery.start,
    again: delivery.again,
    findDrive: delivery.findDrive,
  })
  const opened = Promise.all(opening)

  return {
    life,
    errors,
    calls: delivery.handlers,
    library: library.handlers,
    crates: crates.handlers,
    settings: needs.settings,
    /** The computer woke up, or is on another line. */
    reconnect: delivery.reconnect,
    /** Tells that the line is another one. */
    lineChanged() {
      for (const listener of [...lineListeners]) listener(computer.isMetered)
    },
    /** Resolves when the queue has been taken up; the scheduler has to go on meanwhile. */
    opened,
    list: async (): Promise<Download[]> => (await delivery.handlers.list(undefined, {})).downloads,
    /** Ends it in order. */
    async close() {
      await delivery.close()
      await crates.close()
      await library.close()
      probed.close()
      life.isOver = true
    },
    /** Ends it as SIGKILL does. */
    kill() {
      life.isOver = true
    },
  }
}

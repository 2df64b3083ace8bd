import { randomBytes, randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import type { Settings } from '../../contract/app.ts'
import type { Caller } from '../../contract/call.ts'
import type { Download, DownloadStatus } from '../../contract/delivery.ts'
import { AppError } from '../../contract/errors.ts'
import type { CoreEvent } from '../../contract/events.ts'
import { createCrates } from '../../main/core/crates/crates.ts'
import { cratesMigrations } from '../../main/core/crates/migrations.ts'
import { createDelivery, type DeliveryOptions } from '../../main/core/delivery/delivery.ts'
import { everythingMigrations } from '../../main/core/delivery/everything-migrations.ts'
import { deliveryMigrations } from '../../main/core/delivery/migrations.ts'
import { TIMINGS, type TransferTimings } from '../../main/core/delivery/timings.ts'
import { createLibrary } from '../../main/core/library/library.ts'
import { libraryMigrations } from '../../main/core/library/migrations.ts'
import { openLocalDb } from '../../main/core/local-db/open-local-db.ts'
import type { AccountSpace, CoreNeeds } from '../../main/core/needs.ts'
import type { Clock, Random } from '../../main/core/ports.ts'
import { httpRequest } from '../../main/core/server/http-request.ts'
import { readAnswer } from '../../main/core/server/read-answer.ts'
import { readOutput } from '../../main/core/server/server-call.ts'
import { createLeapClock } from './leap-clock.ts'

/** Small files are worth several connections here, so that these are tested too. */
export const RIG_TIMINGS: TransferTimings = {
  ...TIMINGS,
  connectionWorthBytes: 64 * 1024,
  // The clocks of the rig run faster than the line.
  lookMs: 20 * TIMINGS.lookMs,
}

const ACCOUNT = '5f0d1c7e-3c7a-4f53-9a55-0a8f5c7c3b11'

/** A clock that runs faster than the wall, so that long back-off needs no waiting. */
export function fastClock(speed: number): Clock {
  const began = performance.now()
  const passed = () => (performance.now() - began) * speed
  const epoch = Date.now()
  return {
    now: () => Math.round(epoch + passed()),
    monotonic: passed,
    after(ms, callback) {
      const timer = setTimeout(callback, Math.ceil(ms / speed) + 1)
      return () => clearTimeout(timer)
    },
  }
}

const SETTINGS: Settings = {
  theme: 'system',
  parallelDownloads: 3,
  connectionsPerFile: 4,
  bandwidthLimit: null,
  speedSchedule: [],
  headroomPercent: 0,
  onMetered: 'use',
  meteredConnection: 'auto',
  keepAwake: false,
  afterQueue: 'nothing',
  keepPackZips: false,
  downloadAfterPurchase: false,
  fileNameTemplate: '{artist} - {title} [{bpm} {key}]',
  volume: 1,
}

interface RigOptions extends DeliveryOptions {
  readonly folder: string
  readonly address: string
  readonly settings?: Partial<Settings>
  /** Answers calls that the fault server does not know. */
  readonly serverCall?: Caller
  /** A clock that runs so many times as fast, long waits too, in place of one on which these never end. */
  readonly speed?: number
  readonly clock?: Clock
  readonly random?: Random
  /** Where bytes come from, when not from where calls go. */
  readonly byteAddress?: () => string
  /** The proxy that bytes go through. */
  readonly byteProxy?: () => string | null
  readonly libraryFolder?: string
  /** Values of the host beside the settings, kept over restarts by who keeps them. */
  readonly values?: Map<string, unknown>
  /** Parts of the core in place of those of the rig. */
  readonly parts?: Partial<Pick<CoreNeeds, 'metered' | 'signIn' | 'network'>>
}

/** The delivery and library of one signed-in account in `folder`, against the server at `address`; opening the same folder again is a restart. */
export async function openTransferRig(options: RigOptions) {
  const { folder, address } = options
  const clock = options.clock ?? (options.speed === undefined ? createLeapClock(Date.now()) : fastClock(options.speed))
  const settings = { ...SETTINGS, ...options.settings }
  const events: CoreEvent[] = []
  const eventTimes: number[] = []
  const listeners = new Set<() => void>()
  const settingsListeners = new Set<() => void>()
  const online = new Set<(isOnline: boolean) => void>()
  const state = { isOnline: true }
  const accountFolder = path.join(folder, 'accounts', ACCOUNT)
  const { db } = openLocalDb(
    path.join(accountFolder, 'local.sqlite'),
    [...libraryMigrations, ...deliveryMigrations, ...everythingMigrations, ...cratesMigrations],
    clock.now(),
  )
  const values = options.values ?? new Map<string, unknown>()
  const account: AccountSpace = { accountId: ACCOUNT, folder: accountFolder, db }
  const library = options.libraryFolder ?? path.join(folder, 'Library')
  if (options.libraryFolder === undefined) mkdirSync(library, { recursive: true })

  const call = (async (definition, input) => {
    if (definition.name.startsWith('delivery.')) {
      const answer = await httpRequest({
        method: 'POST',
        url: `${address}${definition.path}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(definition.input.parse(input)),
      })
      return readOutput(definition, readAnswer(answer))
    }
    if (options.serverCall === undefined) throw new AppError('offline')
    return await options.serverCall(definition, input)
  }) as Caller

  const followers = new Set<(account: AccountSpace | null) => void | Promise<void>>()
  const opened: Promise<void>[] = []
  const needs: CoreNeeds = {
    version: '0.0.0',
    clock,
    random: options.random ?? { bytes: (length) => randomBytes(length), uuid: () => randomUUID() },
    log: { debug() {}, info() {}, warn() {}, error: (fields) => errors.push(fields) },
    settings: {
      get: () => settings,
      change(patch) {
        Object.assign(settings, patch)
        for (const one of settingsListeners) one()
        return settings
      },
      readValue: (name) => values.get(name),
      writeValue: (name, value) => void (value === null ? values.delete(name) : values.set(name, value)),
      onChange(one) {
        settingsListeners.add(one)
        return () => void settingsListeners.delete(one)
      },
      recovered: false,
    },
    shell: {
      openAddress: async () => false,
      showInFolder: async () => false,
      pickFolder: async () => null,
      notify: (title, body) => void notified.push(`${title}: ${body}`),
    },
    folders: { data: folder, defaultLibrary: path.join(folder, 'Library'), home: folder },
    folderIds: {
      pathOf: (id) => Buffer.from(id, 'base64url').toString(),
      remember: (place) => ({ id: Buffer.from(place).toString('base64url'), name: path.basename(place), path: place }),
    },
    libraryFolder: () => String(values.get('libraryFolder') ?? library),
    serverCall: call,
    signed: {
      address: options.byteAddress ?? (() => address),
      proxy: options.byteProxy ?? (() => null),
      headers: async ({ downloadToken }) => {
        signed.push(downloadToken ?? '')
        return {}
      },
      noteAnswer: () => {},
      renewSession: async () => {
        renewals.count += 1
      },
    },
    network: {
      isOnline: () => state.isOnline,
      report: () => {},
      onChange(one) {
        online.add(one)
        return () => online.delete(one)
      },
    },
    metered: { isMetered: () => null, onChange: () => () => {} },
    emit(event) {
      events.push(event)
      eventTimes.push(clock.monotonic())
      for (const one of listeners) one()
    },
    notices: { add: (code) => void noticed.push(code) },
    media: {
      open: () => Promise.reject(new AppError('offline')),
      file: () => Promise.reject(new AppError('offline')),
    },
    account: () => account,
    accountOrNull: () => account,
    onAccountChange(one) {
      followers.add(one)
      opened.push(Promise.resolve(one(account)))
      return () => followers.delete(one)
    },
    ...options.parts,
  }
  const errors: object[] = []
  const notified: string[] = []
  const noticed: string[] = []
  /** The download token of each signed request for bytes. */
  const signed: string[] = []
  const renewals = { count: 0 }
  const libraryOf = createLibrary(needs, options.disk, {
    download: (wanted) => delivery.again(wanted),
    findDrive: () => delivery.findDrive(),
  })
  const delivery = createDelivery(needs, {
    refreshOwned: libraryOf.refresh,
    timings: RIG_TIMINGS,
    ...options,
    onArrived: () => crates.arrived(),
    copyFolders: () => crates.waitingFolders(),
  })
  const crates = createCrates(needs, {
    ...options,
    download: delivery.start,
    again: delivery.again,
    findDrive: delivery.findDrive,
  })
  await Promise.all(opened)

  const list = () => delivery.handlers.list(undefined, {})
  const byId = async (id: string) => (await list()).downloads.find((download) => download.id === id)

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    while (!(await isSo())) {
      await new Promise<void>((resolve) => {
        const heard = () => {
          listeners.delete(heard)
          clearTimeout(timer)
          resolve()
        }
        // Not everything has an event (a reported attempt); looking again now and then is no timing assertion.
        const timer = setTimeout(heard, 20)
        listeners.add(heard)
      })
    }
  }

  return {
    needs,
    db,
    events,
    /** When each event was told, on the clock, in milliseconds. */
    eventTimes,
    /** Failures that nobody expected. */
    errors,
    /** Notifications of the desktop. */
    notified,
    /** Codes of the notices in the app. */
    noticed,
    settings,
    signed,
    renewals,
    library,
    /** The visible files of the library folder. */
    libraryNames: async () => (await readdir(library)).filter((name) => !name.startsWith('.')),
    staging: path.join(accountFolder, 'staging'),
    delivery: delivery.handlers,
    reconnect: delivery.reconnect,
    libraryCalls: libraryOf.handlers,
    crates: crates.handlers,
    openTrack: libraryOf.openTrack,
    list,
    byId,
    until,
    setOnline(isOnline: boolean) {
      state.isOnline = isOnline
      for (const one of online) one(isOnline)
    },
    /** Waits until a download is in one of the states and answers it. */
    async reached(id: string, ...statuses: DownloadStatus[]): Promise<Download> {
      await until(async () => statuses.includes((await byId(id))?.status ?? 'cancelled'))
      const download = await byId(id)
      if (download === undefined) throw new Error('the download is gone')
      return download
    },
    /** Tries a download that is stalled again at once, unless its pause has ended meanwhile. */
    async retryStalled(downloadId: string): Promise<void> {
      if ((await byId(downloadId))?.status === 'stalled') await delivery.handlers.retry(undefined, { downloadId })
    },
    async signOut() {
      await Promise.all([...followers].map((follower) => follower(null)))
    },
    async close() {
      await delivery.close()
      await crates.close()
      await libraryOf.close()
      if (db.isOpen) db.close()
    },
    async [Symbol.asyncDispose]() {
      await this.close()
    },
  }
}

export type TransferRig = Awaited<ReturnType<typeof openTransferRig>>

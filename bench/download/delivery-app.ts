import path from 'node:path'
import type { Settings } from '../../contract/app.ts'
import type { Caller } from '../../contract/call.ts'
import {
  type Completion,
  type Download,
  type DownloadGrant,
  delivery as deliveryCalls,
} from '../../contract/delivery.ts'
import { AppError } from '../../contract/errors.ts'
import type { ByteRange } from '../../contract/values.ts'
import { openConfSettings } from '../../main/adapters/conf-settings.ts'
import { noShell } from '../../main/adapters/no-shell.ts'
import { systemClock } from '../../main/adapters/system-clock.ts'
import { systemRandom } from '../../main/adapters/system-random.ts'
import { createDelivery, type Delivery } from '../../main/core/delivery/delivery.ts'
import { featureSet } from '../../main/core/feature-set.ts'
import { openLocalDb } from '../../main/core/local-db/open-local-db.ts'
import type { AccountSpace, CoreNeeds } from '../../main/core/needs.ts'

const ACCOUNT = '5f0d1c7e-3c7a-4f53-9a55-0a8f5c7c3b11'

/** The delivery of the product over a real disk and database, whose permissions are given at once: its bytes come from a static server. */
export interface DeliveryApp {
  readonly handlers: Delivery['handlers']
  readonly library: string
  /** Calls back with each report of progress; the answer stops it. */
  onProgress(listener: (download: Download) => void): () => void
  close(): Promise<void>
}

export interface DeliveryAppOptions {
  /** Everything it writes goes here. */
  readonly folder: string
  /** The static server. */
  readonly address: string
  /** The one file that every download is. */
  readonly object: DownloadGrant['object']
  readonly settings?: Partial<Settings>
}

export async function openDeliveryApp(options: DeliveryAppOptions): Promise<DeliveryApp> {
  const { folder, address, object } = options
  const accountFolder = path.join(folder, 'accounts', ACCOUNT)
  const library = path.join(folder, 'Library')
  const { db } = openLocalDb(path.join(accountFolder, 'local.sqlite'), featureSet.migrations, Date.now())
  const account: AccountSpace = { accountId: ACCOUNT, folder: accountFolder, db }
  const settings = openConfSettings(folder)
  settings.change({ ...options.settings })
  const listeners = new Set<(download: Download) => void>()
  const opened: Promise<void>[] = []
  const offline = () => Promise.reject(new AppError('offline'))
  const needs: CoreNeeds = {
    clock: systemClock,
    random: systemRandom,
    version: '0.0.0',
    log: { debug() {}, info() {}, warn: complain, error: complain },
    settings,
    shell: noShell,
    folders: { data: folder, defaultLibrary: library, home: folder },
    folderIds: { pathOf: () => library, remember: (place) => ({ id: 'library', name: 'Library', path: place }) },
    libraryFolder: () => library,
    serverCall: answering(object),
    signed: {
      address: () => address,
      proxy: () => null,
      headers: async () => ({}),
      noteAnswer() {},
      renewSession: async () => {},
    },
    network: { isOnline: () => true, report() {}, onChange: () => () => {} },
    metered: { isMetered: () => null, onChange: () => () => {} },
    emit(event) {
      if (event.type === 'delivery.progressed') for (const listener of listeners) listener(event.download)
    },
    notices: { add() {} },
    media: { open: offline, file: offline },
    account: () => account,
    accountOrNull: () => account,
    onAccountChange(listener) {
      opened.push(Promise.resolve(listener(account)))
      return () => {}
    },
  }
  const delivery = createDelivery(needs)
  await Promise.all(opened)
  return {
    handlers: delivery.handlers,
    library,
    onProgress(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      await delivery.close()
      db.close()
    },
  }
}

interface GrantedInput {
  readonly contentId: string
  readonly want?: ByteRange[]
  readonly files?: readonly Completion[]
}

/** Grants whatever is asked for, and takes every report. */
function answering(object: DownloadGrant['object']): Caller {
  const answers: Readonly<Record<string, (input: GrantedInput) => unknown>> = {
    [deliveryCalls.init.name]: ({ contentId, want = [] }) => grant(object, contentId, want),
    [deliveryCalls.completeMany.name]: ({ files = [] }) => ({
      files: files.map(({ attemptId }) => ({ attemptId, refusal: null })),
    }),
    [deliveryCalls.cancel.name]: () => ({ state: 'released' }),
  }
  return (async (definition, input) => {
    const answer = answers[definition.name]
    if (answer === undefined) throw new AppError('offline')
    return answer(input as GrantedInput)
  }) as Caller
}

function grant(object: DownloadGrant['object'], attemptId: string, want: readonly ByteRange[]): DownloadGrant {
  return {
    attempt: {
      id: attemptId,
      state: 'reserved',
      isReused: false,
      isRepair: false,
      closesAt: new Date(Date.now() + 72 * 3_600_000).toISOString(),
      bytesServed: 0,
      byteBudget: 3 * object.sizeBytes + 64 * 1024 * 1024,
    },
    object,
    // As the store does it: a range that begins inside the file ends with it.
    tokens: want.map(([first, last]) => ({
      token: systemRandom.bytes(32).toString('base64url'),
      range: [first, Math.min(last, object.sizeBytes - 1)],
      expiresInSeconds: 180,
    })),
    entitlement: { source: 'purchase', attemptsLeft: 4, quotaLeft: null },
    contents: null,
  }
}

function complain(fields: object, message: string): void {
  console.error(
    message,
    JSON.stringify(fields, (_, value) => (value instanceof Error ? value.stack : value)),
  )
}

import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { app, type Folder } from '../../../contract/app.ts'
import type { CallDefinition, Output, Parsed } from '../../../contract/call.ts'
import { catalogue, type PackSummary, type TrackSummary } from '../../../contract/catalogue.ts'
import { commerce, type Payment } from '../../../contract/commerce.ts'
import { type Crate, crates } from '../../../contract/crates.ts'
import { type Download, delivery } from '../../../contract/delivery.ts'
import { entitlements } from '../../../contract/entitlements.ts'
import { AppError } from '../../../contract/errors.ts'
import type { CoreEvent } from '../../../contract/events.ts'
import { identity } from '../../../contract/identity.ts'
import { library } from '../../../contract/library.ts'
import { fillTemplate, freeName, nameKey } from '../../../main/core/library/file-names.ts'
import { bios, descriptions, djs, genres, NOW, packs, packTracks, plansOf, tracks } from './fixtures.ts'
import { type ShopState, signedIn, signedOut, toDownload, toItem } from './shop-state.ts'

export type Answer = (input: unknown) => unknown
type Emit = (event: CoreEvent) => void

const DONE = { done: true } as const
const ENDED: ReadonlySet<string> = new Set(['done', 'cancelled', 'ended'])
const UNDER_WAY: ReadonlySet<string> = new Set(['preparing', 'downloading', 'verifying'])
const HOME: Folder = { id: 'home', name: 'Home', path: '/home/robin' }
const FOLDERS: Readonly<Record<string, readonly Folder[]>> = {
  home: [
    { id: 'music', name: 'Music', path: '/home/robin/Music' },
    { id: 'desktop', name: 'Desktop', path: '/home/robin/Desktop' },
  ],
  music: [{ id: 'sets', name: 'Sets', path: '/home/robin/Music/Sets' }],
}

/** What the fake host answers to every call that the interface makes, over a state that calls change. */
export function answersOver(state: ShopState, emit: Emit): ReadonlyMap<string, Answer> {
  const answers = new Map<string, Answer>()
  function on<C extends CallDefinition>(definition: C, answer: (input: Parsed<C>) => Output<C>): void {
    answers.set(definition.name, (input) => answer(input as Parsed<C>))
  }
  const owns = (id: string): boolean => state.library.some(({ trackId }) => trackId === id)
  const seen = (track: TrackSummary): TrackSummary => ({ ...track, access: owns(track.id) ? 'purchase' : 'none' })
  const seenPack = (pack: PackSummary): PackSummary => ({
    ...pack,
    access: (packTracks.get(pack.id) ?? []).every(({ id }) => owns(id)) ? 'purchase' : 'none',
  })
  function found<T>(value: T | undefined): T {
    if (value === undefined) throw new AppError('not-found')
    return value
  }

  on(app.status, () => ({
    host: 'headless' as const,
    version: '0.1.0',
    isOnline: state.isOnline,
    serverAddress: 'http://127.0.0.1:4871',
    libraryFolder: state.libraryFolder,
    notices: state.notices,
    demoAccounts: [
      { email: 'listener@mixmint.example', password: 'listen-to-the-rain', about: 'Owns a pack and two tracks' },
      { email: 'member@mixmint.example', password: 'front-row-friday', about: 'Member of a Super plan' },
    ],
    oauthProviders: ['google' as const],
  }))
  on(app.checkServer, () => ({ isOnline: state.isOnline }))
  on(app.dismissNotice, ({ code }) => {
    state.notices = state.notices.filter((notice) => notice.code !== code)
    return DONE
  })
  on(app.getSettings, () => state.settings)
  on(app.changeSettings, (patch) => {
    state.settings = { ...state.settings, ...(patch as Partial<typeof state.settings>) }
    const { bandwidthLimit } = state.settings
    if (patch.bandwidthLimit !== undefined && state.limit.source !== 'schedule') {
      state.limit = { bytesPerSecond: bandwidthLimit, source: bandwidthLimit === null ? 'none' : 'always', until: null }
    }
    emit({ type: 'settings.changed' })
    return state.settings
  })
  on(app.browseFolders, ({ folderId }) => {
    if (folderId === undefined) {
      return {
        current: null,
        parent: null,
        folders: [HOME, { id: 'usb', name: 'USB DJ', path: '/media/robin/USB DJ' }],
        canCreate: false,
      }
    }
    const all = [HOME, ...Object.values(FOLDERS).flat()]
    return {
      current: all.find(({ id }) => id === folderId) ?? { id: folderId, name: 'USB DJ', path: '/media/robin/USB DJ' },
      parent: folderId === 'home' ? null : HOME,
      folders: [...(FOLDERS[folderId] ?? [])],
      canCreate: true,
    }
  })
  on(app.createFolder, ({ parentId, name }) => ({ id: `${parentId}-${name}`, name, path: `/home/robin/Music/${name}` }))
  on(app.chooseFolder, () => ({ folder: null, hasDialog: false }))
  on(app.setLibraryFolder, () => DONE)
  on(app.openInBrowser, ({ address }) => ({ address, wasOpened: false }))

  on(identity.state, () => state.session)
  on(identity.signIn, ({ email, password }) => {
    if (password.includes('wrong')) throw new AppError('invalid-credentials')
    if (email.startsWith('full')) {
      state.session = { ...signedIn(null), status: 'needs-device' }
      return state.session
    }
    state.session = signedIn(state.devices[0] ?? null)
    emit({ type: 'identity.changed' })
    return state.session
  })
  on(identity.signUp, () => {
    state.session = signedIn(state.devices[0] ?? null)
    return state.session
  })
  on(identity.requestPasswordReset, () => DONE)
  on(identity.resetPassword, ({ code }) => {
    if (code === '000000') throw new AppError('code-expired')
    state.session = signedIn(state.devices[0] ?? null)
    return state.session
  })
  on(identity.startOAuth, () => ({ address: 'http://127.0.0.1:4871/auth/v1/authorize?provider=google' }))
  on(identity.signOut, () => {
    state.session = signedOut()
    emit({ type: 'identity.changed' })
    return state.session
  })
  on(identity.forgetThisDevice, () => {
    state.session = signedOut()
    return state.session
  })
  on(identity.registerThisDevice, () => {
    if (state.devices.filter(({ revokedAt }) => revokedAt === null).length >= 5) throw new AppError('device-limit')
    state.session = signedIn(state.devices[0] ?? null)
    return state.session
  })
  on(identity.listDevices, () => ({
    devices: state.devices.filter(({ revokedAt }) => revokedAt === null),
    limit: 5,
    thisDeviceId: state.session.device?.id ?? null,
  }))
  on(identity.renameDevice, ({ deviceId, name }) => {
    const device = found(state.devices.find(({ id }) => id === deviceId))
    device.name = name
    return device
  })
  on(identity.revokeDevice, ({ deviceId }) => {
    found(state.devices.find(({ id }) => id === deviceId)).revokedAt = new Date(NOW).toISOString()
    return DONE
  })

  on(catalogue.home, () => ({
    newReleases: tracks.slice(0, 14).map(seen),
    chart: tracks.slice(6, 16).map(seen),
    packs: packs.map(seenPack),
    djs: [...djs],
    genres,
  }))
  on(catalogue.listTracks, (filter) => {
    const text = filter.query?.toLowerCase() ?? ''
    const items = tracks
      .map(seen)
      .filter(
        (track) =>
          `${track.title} ${track.artist}`.toLowerCase().includes(text) &&
          (filter.genre === undefined || track.genre?.slug === filter.genre) &&
          (filter.bpmMin === undefined || (track.bpm ?? 0) >= filter.bpmMin) &&
          (filter.bpmMax === undefined || (track.bpm ?? 0) <= filter.bpmMax) &&
          (filter.key === undefined || track.key === filter.key) &&
          (filter.owned === undefined || (track.access !== 'none') === filter.owned),
      )
    return { items, nextCursor: null, total: items.length }
  })
  on(catalogue.getTrack, ({ trackId }) => {
    const track = found(tracks.find(({ id }) => id === trackId))
    return {
      ...seen(track),
      description: descriptions.get(trackId) ?? null,
      attemptLimit: 5,
      packs: packs.filter((pack) => packTracks.get(pack.id)?.some(({ id }) => id === trackId)).map(seenPack),
      moreByDj: tracks.filter(({ dj, id }) => dj.id === track.dj.id && id !== trackId).map(seen),
    }
  })
  on(catalogue.listPacks, () => ({ items: packs.map(seenPack), nextCursor: null }))
  on(catalogue.getPack, ({ packId }) => ({
    ...seenPack(found(packs.find(({ id }) => id === packId))),
    description: descriptions.get(packId) ?? null,
    tracks: (packTracks.get(packId) ?? []).map(seen),
  }))
  on(catalogue.listDjs, () => ({ items: djs.map((dj) => ({ ...dj, trackCount: 4 })), nextCursor: null }))
  on(catalogue.getDj, ({ slug }) => {
    const dj = found(djs.find((each) => each.slug === slug))
    const own = tracks.filter((track) => track.dj.id === dj.id).map(seen)
    return {
      ...dj,
      bio: bios.get(slug) ?? null,
      trackCount: own.length,
      tracks: own,
      packs: packs.filter((pack) => pack.dj.id === dj.id).map(seenPack),
      plans: plansOf(slug),
    }
  })
  on(catalogue.listGenres, () => ({ genres }))

  on(entitlements.listSubscriptions, () => ({ subscriptions: [] }))

  function pay(payment: z.infer<typeof Payment>): z.infer<typeof Payment> {
    state.payments = [payment, ...state.payments.filter(({ id }) => id !== payment.id)]
    return payment
  }
  on(commerce.buy, ({ items }) => {
    const priced = items.map((item) => {
      const known = found([...tracks, ...packs].find(({ id }) => id === item.contentId))
      if (owns(known.id)) throw new AppError('already-owned')
      return { ...item, title: known.title, price: known.price }
    })
    const id = randomUUID()
    return pay({
      id,
      status: 'pending',
      total: { minor: priced.reduce((sum, { price }) => sum + price.minor, 0), currency: 'INR' },
      items: priced,
      processor: 'sandbox',
      checkoutAddress: `http://127.0.0.1:4871/sandbox/pay/${id}`,
      failureCode: null,
      createdAt: new Date().toISOString(),
      expiresAt: null,
      capturedAt: null,
    })
  })
  on(commerce.checkPayment, ({ paymentId }) => found(state.payments.find(({ id }) => id === paymentId)))
  on(commerce.getPayment, ({ paymentId }) => found(state.payments.find(({ id }) => id === paymentId)))
  on(commerce.cancelPayment, ({ paymentId }) =>
    pay({ ...found(state.payments.find(({ id }) => id === paymentId)), status: 'cancelled', checkoutAddress: null }),
  )
  on(commerce.listPayments, () => ({ items: state.payments, nextCursor: null }))

  on(library.list, ({ query, state: wanted }) => ({
    items: state.library.filter(
      (item) =>
        `${item.title} ${item.artist}`.toLowerCase().includes(query?.toLowerCase() ?? '') &&
        (wanted === undefined || item.state === wanted),
    ),
    isStale: !state.isOnline,
    refreshedAt: new Date(NOW).toISOString(),
  }))
  on(library.refresh, () => DONE)
  on(library.removeLocal, ({ trackId }) => {
    const item = found(state.library.find((each) => each.trackId === trackId))
    Object.assign(item, { state: 'cloud', fileName: null, tags: null })
    emit({ type: 'library.changed' })
    return DONE
  })
  on(library.repair, (input) => {
    state.asked.push({ call: 'repair', input })
    const [one] =
      input.trackIds?.length === 1 ? state.library.filter((each) => each.trackId === input.trackIds?.[0]) : []
    if (one === undefined)
      return { checked: 12, here: 8, retagged: 1, damaged: 2, missing: 1, queued: 3, downloadIds: [] }
    const counts = { checked: 1, here: 0, retagged: 0, damaged: 0, missing: 0 }
    if (one.state !== 'damaged') {
      one.state = 'here'
      return { ...counts, here: 1, queued: 0, downloadIds: [] }
    }
    const started = queue(toDownload(found(tracks.find(({ id }) => id === one.trackId)), state.downloads.length, {}))
    return { ...counts, damaged: 1, queued: 1, downloadIds: [started.id] }
  })
  on(library.verify, () => ({ checked: 12, here: 9, retagged: 1, damaged: 1, missing: 1 }))
  on(library.showInFolder, ({ trackId }) => ({
    path: `${state.libraryFolder}/${found(state.library.find((each) => each.trackId === trackId)).fileName ?? ''}`,
    wasShown: false,
  }))

  const download = (id: string): Download => found(state.downloads.find((each) => each.id === id))
  function put(id: string, status: Download['status']): Download {
    const changed = { ...download(id), status }
    state.downloads = state.downloads.map((each) => (each.id === id ? changed : each))
    emit({ type: 'delivery.progressed', download: changed })
    return changed
  }
  function queue(started: Download): Download {
    state.downloads = [...state.downloads, started]
    emit({ type: 'delivery.progressed', download: started })
    return started
  }
  on(delivery.list, ({ ids }) => ({
    downloads: state.downloads.filter(({ id }) => ids?.includes(id) ?? true),
    isPaused: state.isPaused,
    bytesPerSecond: state.isPaused ? 0 : 3_240_000,
    limit: state.limit,
    asksAboutMetered: state.asksAboutMetered,
  }))
  on(delivery.start, (input) => {
    state.asked.push({ call: 'start', input })
    const track = found(tracks.find(({ id }) => id === input.contentId) ?? tracks[0])
    return queue(toDownload(track, state.downloads.length, { format: input.format ?? null }))
  })
  on(delivery.pause, ({ downloadId }) => put(downloadId, 'paused'))
  on(delivery.resume, ({ downloadId }) => put(downloadId, 'queued'))
  on(delivery.retry, ({ downloadId }) => put(downloadId, 'queued'))
  on(delivery.cancelDownload, ({ downloadId }) => put(downloadId, 'cancelled'))
  function move(downloadId: string, position: number): void {
    const inLine = ({ status }: Download): boolean => !ENDED.has(status) && !UNDER_WAY.has(status)
    const waiting = state.downloads.filter((each) => each.id !== downloadId && inLine(each))
    const fixed = state.downloads.filter(({ status }) => UNDER_WAY.has(status))
    const ended = state.downloads.filter(({ status }) => ENDED.has(status))
    waiting.sort((left, right) => left.position - right.position).splice(position, 0, download(downloadId))
    state.downloads = [...fixed, ...waiting, ...ended].map((each, index) => ({ ...each, position: index }))
  }
  on(delivery.move, (input) => {
    state.asked.push({ call: 'move', input })
    move(input.downloadId, input.position)
    return DONE
  })
  on(delivery.downloadNext, (input) => {
    state.asked.push({ call: 'downloadNext', input })
    move(input.downloadId, 0)
    return download(input.downloadId)
  })
  on(delivery.downloadNow, (input) => {
    state.asked.push({ call: 'downloadNow', input })
    return put(input.downloadId, 'downloading')
  })
  on(delivery.limitDownload, (input) => {
    state.asked.push({ call: 'limitDownload', input })
    const changed = { ...download(input.downloadId), bytesPerSecondLimit: input.bytesPerSecond }
    state.downloads = state.downloads.map((each) => (each.id === changed.id ? changed : each))
    emit({ type: 'delivery.progressed', download: changed })
    return changed
  })
  on(delivery.plan, () => ({ volumes: state.volumes }))
  on(delivery.answerMetered, (input) => {
    state.asked.push({ call: 'answerMetered', input })
    state.asksAboutMetered = false
    if (input.mayUse) {
      state.downloads = state.downloads.map((each) =>
        each.status === 'needs-consent' ? { ...each, status: 'queued', reason: null } : each,
      )
    }
    emit({ type: 'delivery.changed' })
    return DONE
  })
  on(delivery.planEverything, () => state.everythingPlan)
  on(delivery.downloadEverything, () => {
    const { downloads: total, bytes: totalBytes, areHere: wereHere } = state.everythingPlan
    state.everything = {
      startedAt: new Date().toISOString(),
      finishedAt: null,
      total,
      done: 0,
      wereHere,
      failed: [],
      receivedBytes: 0,
      totalBytes,
    }
    return state.everything
  })
  on(delivery.everything, () => ({ everything: state.everything }))
  on(delivery.diagnose, ({ downloadId }) => {
    const { status, receivedBytes, totalBytes, reason } = download(downloadId)
    return { text: JSON.stringify({ status, receivedBytes, totalBytes, code: reason?.code ?? null }, null, 2) }
  })
  on(delivery.pauseAll, () => {
    state.isPaused = true
    return DONE
  })
  on(delivery.resumeAll, () => {
    state.isPaused = false
    return DONE
  })
  on(delivery.clearFinished, () => {
    state.downloads = state.downloads.filter(({ status }) => !ENDED.has(status))
    return DONE
  })

  const crate = (id: string): Crate => found(state.crates.find((each) => each.id === id))
  on(crates.list, () => ({ crates: state.crates }))
  on(crates.create, ({ name }) => {
    if (state.crates.some((each) => each.name === name)) throw new AppError('crate-exists')
    const made: Crate = {
      id: randomUUID(),
      name,
      items: [],
      folder: null,
      fileNameTemplate: null,
      lastSyncedAt: null,
      hasPendingEdits: false,
    }
    state.crates = [...state.crates, made]
    return made
  })
  on(crates.rename, ({ crateId, name }) => Object.assign(crate(crateId), { name }))
  on(crates.remove, ({ crateId }) => {
    state.crates = state.crates.filter(({ id }) => id !== crateId)
    return DONE
  })
  on(crates.setItems, ({ crateId, items }) =>
    Object.assign(crate(crateId), {
      items: items.map((item) => {
        const known = crate(crateId).items.find(({ contentId }) => contentId === item.contentId)
        if (known !== undefined) return known
        const { title, artist, bpm, key, durationSeconds, cover } = toItem(
          found(tracks.find(({ id }) => id === item.contentId)),
          'cloud',
          0,
        )
        return { ...item, title, artist, bpm, key, durationSeconds, cover, state: 'not-owned' as const }
      }),
    }),
  )
  on(crates.setFolder, ({ crateId, folderId }) =>
    Object.assign(crate(crateId), {
      folder:
        folderId === null ? null : { id: folderId, path: `/media/robin/USB DJ/${crate(crateId).name}`, isThere: true },
    }),
  )
  on(crates.setFileNames, ({ crateId, template }) => Object.assign(crate(crateId), { fileNameTemplate: template }))
  on(crates.previewFileNames, ({ crateId, template }) => {
    const named = crateId === undefined ? state.library : crate(crateId).items
    const given = new Set<string>()
    for (const item of named) {
      const album = 'album' in item ? item.album : null
      given.add(freeName(`${fillTemplate(template, { ...item, album })}.mp3`, new Set([...given].map(nameKey))))
    }
    const numbered = [...given].filter((name) => / \(\d+\)\.mp3$/.test(name))
    return {
      isOwn: true,
      names: [...given].slice(0, 3),
      total: given.size,
      numbered: numbered.length,
      numberedExample: numbered[0] ?? null,
    }
  })
  const report = (crateId: string): Output<typeof crates.plan> => {
    const { items, folder, name } = crate(crateId)
    return {
      added: items.filter(({ state: at }) => at === 'here').length,
      renamed: 1,
      removed: 0,
      unchanged: items.filter(({ state: at }) => at === 'synced').length,
      waitingForDownload: items.filter(({ state: at }) => at === 'cloud').length,
      bytesToDownload: 48_000_000,
      freeBytes: 212_000_000_000,
      writes: 0,
      folder: folder?.path ?? '',
      playlist: `${name}.m3u8`,
    }
  }
  on(crates.plan, ({ crateId }) => report(crateId))
  on(crates.sync, ({ crateId }) => {
    const done = { ...report(crateId), writes: 5 }
    for (const item of crate(crateId).items) if (item.state === 'here') item.state = 'synced'
    Object.assign(crate(crateId), { lastSyncedAt: new Date(NOW).toISOString() })
    return done
  })
  return answers
}

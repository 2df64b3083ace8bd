import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { setImmediate as breathe } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Owned } from '../../contract/entitlements.ts'
import { type Disk, realDisk } from '../../main/core/library/disk.ts'
import type { FaultServer, FileRequest } from '../_kit/fault-server.ts'
import { keepingCrates } from '../_kit/keeping-crates.ts'
import { aTrack, ownedTrack, owning, serveTrack, someAudio } from '../_kit/owned-tracks.ts'
import { openRigPlace } from '../_kit/rig-place.ts'
import { openTransferRig, type TransferRig } from '../_kit/transfer-rig.ts'

let folder: string
let server: FaultServer
let owned: Owned[]
let rig: TransferRig

beforeEach(async () => {
  ;({ folder, server } = await openRigPlace(() => rig))
  owned = []
})

/** Answers in pieces with the loop let go in between, and now and then breaks off. */
function trickle({ number, head, bytes, send, socket }: FileRequest): void {
  const body = bytes()
  send(head())
  const step = (from: number) => {
    if (socket.destroyed) return
    if (number % 7 === 0 && from > body.length / 2) return void socket.destroy()
    send('', body.subarray(from, from + 16_384))
    if (from + 16_384 < body.length) setImmediate(step, from + 16_384)
  }
  step(0)
}

/** Looks at folders without a pause until `isOver`, and once more, and answers each visible sound file's SHA-256 as it was at first sight. */
async function watch(folders: readonly string[], isOver: () => boolean): Promise<Map<string, string>> {
  const seen = new Map<string, string>()
  for (let isLast = false; !isLast; ) {
    isLast = isOver()
    for (const place of folders) {
      for (const name of await readdir(place)) {
        const file = path.join(place, name)
        if (name.startsWith('.') || name.endsWith('.m3u8') || seen.has(file)) continue
        seen.set(file, hashOf(await readFile(file)))
      }
    }
    await breathe()
  }
  return seen
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

describe('DL13: library and crate folders only ever show whole files', () => {
  it('R-DC-12: while five downloads run, break off and go on, every file is whole at first sight', async () => {
    rig = await openTransferRig({
      folder,
      address: server.address,
      serverCall: keepingCrates(owning(() => owned)),
      settings: { parallelDownloads: 5 },
    })
    const hashes = new Set<string>()
    for (let number = 0; number < 5; number++) {
      const track = aTrack({ title: `Track ${number}`, format: 'wav' })
      const bytes = await someAudio('wav', 5 + number / 10)
      await serveTrack(server, track, bytes)
      hashes.add(hashOf(bytes))
      owned.push(ownedTrack(track))
    }
    await rig.libraryCalls.refresh(undefined, {})
    const usb = path.join(folder, 'USB')
    await mkdir(usb)
    const { id: crateId } = await rig.crates.create(undefined, { name: 'Friday' })
    const items = owned.map(({ contentType, contentId }) => ({ contentType, contentId }))
    await rig.crates.setItems(undefined, { crateId, items })
    await rig.crates.setFolder(undefined, { crateId, folderId: rig.needs.folderIds.remember(usb).id })
    server.rules.file = trickle
    let isOver = false
    const watching = watch([rig.library, usb], () => isOver)
    expect(await rig.crates.sync(undefined, { crateId })).toMatchObject({ waitingForDownload: 5 })
    await rig.until(async () => (await readdir(usb)).filter((name) => name.endsWith('.wav')).length === 5)
    isOver = true
    const seen = await watching
    expect(seen.size).toBe(10)
    expect([...seen.values()].every((hash) => hashes.has(hash))).toBe(true)
    expect(new Set(seen.values()).size).toBe(5)
  })

  it.each([
    ['beside the account’s data where that is the library’s volume', false],
    ['hidden inside the library where that is another volume', true],
  ])('what is not whole lies %s', async (_, isOtherVolume) => {
    const library = path.join(folder, 'Library')
    const disk: Disk = {
      ...realDisk,
      stat: (async (place: string) => {
        const facts = await realDisk.stat(place)
        if (isOtherVolume && String(place).startsWith(library)) facts.dev += 1
        return facts
      }) as Disk['stat'],
    }
    rig = await openTransferRig({
      folder,
      address: server.address,
      serverCall: keepingCrates(owning(() => owned)),
      disk,
    })
    const track = aTrack({ title: 'Tide', format: 'wav' })
    const bytes = await someAudio('wav')
    await serveTrack(server, track, bytes)
    owned.push(ownedTrack(track))
    server.rules.file = ({ send, head, bytes: all }) => send(head(), all().subarray(0, 1000))
    const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId: track.id })
    await rig.until(async () => server.seen.files > 0)
    const hidden = path.join(library, '.mixmint-staging', path.basename(path.dirname(rig.staging)))
    const staging = isOtherVolume ? hidden : rig.staging
    expect((await readdir(staging)).some((name) => name.endsWith('.part'))).toBe(true)
    expect(await rig.libraryNames()).toEqual([])
    expect((await disk.stat(staging)).dev).toBe((await disk.stat(library)).dev)
    server.rules.file = ({ honest }) => honest()
    server.cutAll()
    await rig.reached(id, 'done')
    expect(await rig.libraryNames()).toEqual(['Nia - Tide [124 8A].wav'])
    expect(await readdir(staging)).toEqual([])
  })
})

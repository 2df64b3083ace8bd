import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { TrackSummary } from '../../contract/catalogue.ts'
import type { Owned } from '../../contract/entitlements.ts'
import type { FaultServer } from '../_kit/fault-server.ts'
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
  rig = await openTransferRig({ folder, address: server.address, serverCall: owning(() => owned) })
})

async function own(title: string, seconds: number, change: Partial<TrackSummary> = {}): Promise<TrackSummary> {
  const track = aTrack({ title, ...change })
  await serveTrack(server, track, await someAudio('mp3', seconds))
  owned.push(ownedTrack(track))
  await rig.libraryCalls.refresh(undefined, {})
  return track
}

/** Fetches a track and answers the name of its file. */
async function nameOf({ id: contentId }: TrackSummary): Promise<string | null | undefined> {
  const { id } = await rig.delivery.start(undefined, { contentType: 'track', contentId })
  await rig.reached(id, 'done')
  const { items } = await rig.libraryCalls.list(undefined, { sort: 'added' })
  return items.find(({ trackId }) => trackId === contentId)?.fileName
}

describe('DL15: file names by the template', () => {
  it('two tracks of one name get two files, whatever their case; each keeps its own when both come again in another order', async () => {
    const one = await own('Tide', 1.1)
    const two = await own('TIDE', 1.2)
    expect([await nameOf(one), await nameOf(two)]).toEqual(['Nia - Tide [124 8A].mp3', 'Nia - TIDE [124 8A] (2).mp3'])
    for (const name of await rig.libraryNames()) await rm(path.join(rig.library, name))
    expect(await nameOf(two)).toBe('Nia - TIDE [124 8A] (2).mp3')
    expect(await nameOf(one)).toBe('Nia - Tide [124 8A].mp3')
  })

  it('a name that was taken by somebody else meanwhile is left to them', async () => {
    const one = await own('Tide', 1.1)
    await nameOf(one)
    const place = path.join(rig.library, 'Nia - Tide [124 8A].mp3')
    await rm(place)
    rig.db.prepare('delete from local_files').run()
    await writeFile(place, 'somebody else’s')
    expect(await nameOf(one)).toBe('Nia - Tide [124 8A] (2).mp3')
    expect(await readFile(place, 'utf8')).toBe('somebody else’s')
  })

  it('follows a new template when it comes again', async () => {
    const one = await own('Tide', 1.1)
    await nameOf(one)
    await rig.libraryCalls.removeLocal(undefined, { trackId: one.id })
    rig.settings.fileNameTemplate = '{bpm} {title}'
    expect(await nameOf(one)).toBe('124 Tide.mp3')
  })

  it.each([
    ['AC/DC: Live? "Now" <2026>', "Nia - AC-DC- Live 'Now' (2026) [124 8A].mp3"],
    ['..\\..\\etc\\passwd', 'Nia - ..-..-etc-passwd [124 8A].mp3'],
    ['\u202Ecod.exe', 'Nia - cod.exe [124 8A].mp3'],
    ['é'.repeat(300), null],
  ])('a title such as %j makes a name that every system can hold', async (title, expected) => {
    const name = (await nameOf(await own(title, 1.1))) ?? ''
    if (expected !== null) expect(name).toBe(expected)
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255)
    expect(name).toMatch(/\.mp3$/)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what a name must not have.
    expect(name).not.toMatch(/[<>:"/\\|?*\u0000-\u001f\u202a-\u202e]/)
    expect(await rig.libraryNames()).toEqual([name])
  })
})

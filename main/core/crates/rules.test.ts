import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nameKey } from '../library/file-names.ts'
import { toM3u8 } from './m3u8.ts'
import { type FolderFile, type ManifestFile, planSync, type SyncFacts, type WantedTrack } from './rules.ts'

const SHA = 'a'.repeat(64)
const file = (name: string): FolderFile => ({ name, sizeBytes: 1, changedMs: 1, identity: name })
const want = (trackId: string, name: string, isHere = true): WantedTrack => ({
  trackId,
  name,
  source: isHere
    ? { place: `/library/${name}`, sha256: SHA, audioSha256: null, identity: name, isAsDelivered: true }
    : null,
})
const known = (trackId: string, name: string, givenName = name): ManifestFile => ({
  trackId,
  name,
  givenName,
  sha256: SHA,
  audioSha256: null,
  sizeBytes: 1,
  changedMs: 1,
})
const empty: SyncFacts = { wanted: [], manifest: [], folder: [], present: new Map(), removable: new Set() }

describe('R-DC-20: what a sync would do', () => {
  it('adds beside a foreign file of the same name', () => {
    const { actions } = planSync({ ...empty, wanted: [want('a', 'Tide.mp3')], folder: [file('TIDE.mp3')] })
    expect(actions).toEqual([{ kind: 'add', trackId: 'a', name: 'Tide (2).mp3', givenName: 'Tide.mp3' }])
  })

  it('gives two tracks of one name two files', () => {
    const { actions } = planSync({ ...empty, wanted: [want('a', 'Tide.mp3'), want('b', 'tide.mp3')] })
    expect(actions.map((action) => action.name)).toEqual(['Tide.mp3', 'tide (2).mp3'])
  })

  it('keeps a numbered name, and follows a new template with it', () => {
    const facts = { ...empty, manifest: [known('a', 'Tide (2).mp3', 'Tide.mp3')], folder: [file('Tide (2).mp3')] }
    const present = new Map([['a', file('Tide (2).mp3')]])
    expect(planSync({ ...facts, present, wanted: [want('a', 'Tide.mp3')] }).actions).toMatchObject([{ kind: 'keep' }])
    expect(planSync({ ...facts, present, wanted: [want('a', '124 Tide.mp3')] }).actions).toMatchObject([
      { kind: 'rename', from: 'Tide (2).mp3', name: '124 Tide.mp3' },
    ])
  })

  it('DL15: what comes again gets the number it had, in whatever order, and nobody takes it meanwhile', () => {
    const manifest = [known('a', 'Tide.mp3'), known('b', 'TIDE (2).mp3', 'TIDE.mp3')]
    const wanted = [want('c', 'tide.mp3'), want('b', 'TIDE.mp3'), want('a', 'Tide.mp3')]
    const { actions } = planSync({ ...empty, manifest, wanted })
    expect(actions.map(({ trackId, name }) => [trackId, name])).toEqual([
      ['c', 'tide (3).mp3'],
      ['b', 'TIDE (2).mp3'],
      ['a', 'Tide.mp3'],
    ])
  })

  it('DL15: what comes again under another template, or where its name is taken, is named anew', () => {
    const manifest = [known('a', 'Tide (2).mp3', 'Tide.mp3'), known('b', 'mine.mp3', 'Rain.mp3')]
    const wanted = [want('a', '124 Tide.mp3'), want('b', 'Rain.mp3')]
    expect(planSync({ ...empty, manifest, wanted }).actions.map(({ name }) => name)).toEqual([
      '124 Tide.mp3',
      'Rain.mp3',
    ])
    const taken = { ...empty, manifest, folder: [file('TIDE (2).mp3')], wanted: [want('a', 'Tide.mp3')] }
    expect(planSync(taken).actions).toMatchObject([{ kind: 'add', name: 'Tide.mp3' }])
  })

  it('waits for what is neither here nor in the library, and keeps what is here without the library', () => {
    const present = new Map([['b', file('b.mp3')]])
    const wanted = [want('a', 'a.mp3', false), want('b', 'b.mp3', false)]
    const plan = planSync({ ...empty, wanted, present, folder: [file('b.mp3')] })
    expect([plan.waiting, plan.actions]).toEqual([
      ['a'],
      [{ kind: 'keep', trackId: 'b', name: 'b.mp3', givenName: 'b.mp3' }],
    ])
  })

  it('never removes or renames what it did not put there, and gives every track a name of its own', () => {
    const name = fc.constantFrom('a.mp3', 'A.mp3', 'b.mp3', 'c.mp3', 'a (2).mp3', 'x/a.mp3')
    const id = fc.constantFrom('1', '2', '3', '4')
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(id, name, fc.boolean()), { selector: ([one]) => one }),
        fc.uniqueArray(fc.tuple(id, name), { selector: ([one]) => one }),
        fc.uniqueArray(name, { selector: nameKey }),
        (wanted, before, there) => {
          const folder = there.map(file)
          const ours = before.filter(([, one]) => there.includes(one))
          const distinct = ours.filter(([, one], index) => ours.findIndex(([, other]) => other === one) === index)
          const facts: SyncFacts = {
            wanted: wanted.map(([trackId, one, isHere]) => want(trackId, one, isHere)),
            manifest: before.map(([trackId, one]) => known(trackId, one)),
            folder,
            present: new Map(distinct.map(([trackId, one]) => [trackId, file(one)])),
            removable: new Set(distinct.map(([trackId]) => trackId)),
          }
          const { actions, waiting } = planSync(facts)
          const mine = new Set<string>(distinct.map(([, one]) => one))
          const gone = new Set<string>()
          for (const action of actions) {
            const touched = action.kind === 'remove' ? action.name : action.kind === 'rename' ? action.from : null
            if (touched === null) continue
            expect(mine.has(touched)).toBe(true)
            gone.add(nameKey(touched))
          }
          const names = actions.filter(({ kind }) => kind !== 'remove').map((action) => nameKey(action.name))
          expect(new Set(names).size).toBe(names.length)
          for (const action of actions)
            if (action.kind === 'add' || action.kind === 'rename')
              expect(there.filter((one) => !gone.has(nameKey(one))).map(nameKey)).not.toContain(nameKey(action.name))
          const settled = actions.filter(({ kind }) => kind !== 'remove').length
          expect(settled + waiting.length).toBe(wanted.length)
        },
      ),
      { numRuns: 2_000 },
    )
  })
})

describe('R-DC-20: the playlist', () => {
  const entry = { name: 'a.mp3', artist: 'Nia', title: 'Tide', durationSeconds: 61 }

  it('is UTF-8 without a mark, with LF and names that are not encoded', () => {
    const text = toM3u8([{ ...entry, name: 'ナイト #1 100%.mp3', title: 'Tëst' }])
    expect(text).toBe('#EXTM3U\n#EXTINF:61,Nia - Tëst\nナイト #1 100%.mp3\n')
  })

  it('keeps a title on its line, and a name from being a comment', () => {
    const hostile = { ...entry, name: '# first.mp3', title: 'Tide\r\n/etc/passwd\u2028#EXTM3U', durationSeconds: null }
    expect(toM3u8([hostile])).toBe('#EXTM3U\n#EXTINF:-1,Nia - Tide /etc/passwd #EXTM3U\n./# first.mp3\n')
  })
})

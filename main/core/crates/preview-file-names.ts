import type { DatabaseSync } from 'node:sqlite'
import type { FileNamePreview } from '../../../contract/crates.ts'
import type { ContentRef } from '../../../contract/values.ts'
import { nameKey, numberedName } from '../library/file-names.ts'
import { listLocalFiles, listOwnedRows } from '../library/rows.ts'
import { trackFileName } from '../library/track-names.ts'
import { indexOwned, nameOfTrack, type OwnedTrack } from './crate-tracks.ts'

/** Of the library so many are named for a look; of a crate all. */
const FIRST_OF_LIBRARY = 200
const SHOWN = 3

/** Stands in where nothing is owned. */
const SAMPLE = { title: 'Snow Line', artist: 'Kōji Nakata', album: 'Winter Sets', bpm: 121, key: '5A' }

/** How a template names the tracks of `items`, or the first of the library for null; with no database, which is before sign-in, a made-up one. */
export function previewFileNames(
  db: DatabaseSync | null,
  items: readonly ContentRef[] | null,
  template: string,
): FileNamePreview {
  const tracks = db === null ? [] : tracksOf(db, items)
  if (db === null || tracks.length === 0)
    return describe([trackFileName(template, SAMPLE, `${SAMPLE.title}.mp3`)], false)
  const files = new Map(listLocalFiles(db).map(({ trackId, fileName }) => [trackId, fileName]))
  return describe(
    tracks.map((track) => nameOfTrack(track, files.get(track.trackId), template)),
    true,
  )
}

function tracksOf(db: DatabaseSync, items: readonly ContentRef[] | null): OwnedTrack[] {
  const owned = indexOwned(db)
  const wanted = items ?? listOwnedRows(db).slice(0, FIRST_OF_LIBRARY)
  const tracks = new Map(wanted.flatMap((item) => owned.tracksOf(item)).map((track) => [track.trackId, track]))
  return [...tracks.values()].slice(0, items === null ? FIRST_OF_LIBRARY : undefined)
}

/** The rule of a folder that is empty: all but the first of one name get a number. */
function describe(names: readonly string[], isOwn: boolean): FileNamePreview {
  const times = new Map<string, number>()
  const numbered: string[] = []
  const given = names.map((name) => {
    const key = nameKey(name)
    const time = (times.get(key) ?? 0) + 1
    times.set(key, time)
    const number = numberedName(name, time)
    if (time > 1) numbered.push(number)
    return number
  })
  return {
    isOwn,
    names: given.slice(0, SHOWN),
    total: names.length,
    numbered: numbered.length,
    numberedExample: numbered[0] ?? null,
  }
}

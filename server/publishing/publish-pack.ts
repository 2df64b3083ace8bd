import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { z } from 'zod'
import type { PackEntry } from '../../contract/delivery.ts'
import { albumZipBytes, planAlbumZip } from '../audio/album-zip.ts'
import { hashObject } from '../audio/segment-hashes.ts'
import { asCaller } from '../db/transaction.ts'
import type { ObjectStore } from '../ports.ts'
import type { ServerServices } from '../services.ts'
import { downloadName } from './file-names.ts'
import { insertObject, selectTrackFiles, setMaster, setZipReady, type TrackFile } from './rows.ts'
import { storeFile } from './store-file.ts'

/**
 * Writes an album pack once as a store-only zip, from the stored files of its tracks, and makes it downloadable.
 * Answers false while one of its tracks has no file. `workFolder` holds the zip while it is written.
 */
export async function publishPack(
  { db, clock, objects }: Pick<ServerServices, 'db' | 'clock' | 'objects'>,
  pack: { readonly id: string; readonly title: string; readonly artist: string },
  workFolder: string,
): Promise<boolean> {
  const files = await asCaller(db, { role: 'service_role' }, (tx) => selectTrackFiles(tx, pack.id), {
    mode: 'read only',
    clock,
  })
  if (files === null) return false
  const folder = await mkdtemp(path.join(workFolder, '.zip-'))
  try {
    const zip = path.join(folder, 'pack.zip')
    const entries = await writeZip(objects, files, zip)
    const stored = await storeFile(objects, zip, 'application/zip')
    const fileName = downloadName({ artist: pack.artist, title: pack.title }, 'zip')
    await asCaller(
      db,
      { role: 'service_role' },
      async (tx) => {
        await insertObject(tx, stored, { isPublic: false, entries })
        await setMaster(tx, { kind: 'album', id: pack.id, format: 'zip', fileName }, stored)
        await setZipReady(tx, pack.id)
      },
      { clock },
    )
    return true
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Two passes over each file: the checksums stand before the bytes they are of. */
async function writeZip(
  objects: ObjectStore,
  files: readonly TrackFile[],
  zip: string,
): Promise<z.output<typeof PackEntry>[]> {
  const bytesOf = ({ key, size_bytes }: TrackFile): Promise<Readable> => objects.read(key, 0, Number(size_bytes) - 1)
  const sources = []
  for (const [index, file] of files.entries()) {
    const { crc32, sizeBytes } = await hashObject(await bytesOf(file))
    sources.push({ name: downloadName(file, file.format, index + 1), size: sizeBytes, crc32, file })
  }
  const plan = planAlbumZip(sources)
  const byName = new Map(sources.map(({ name, file }) => [name, file]))
  const open = async function* (entry: { name: string }): AsyncGenerator<Uint8Array> {
    const file = byName.get(entry.name)
    if (file !== undefined) yield* await bytesOf(file)
  }
  await pipeline(Readable.from(albumZipBytes(plan, open)), createWriteStream(zip))
  return plan.entries.flatMap(({ name, offset, size }, position) => {
    const file = byName.get(name)
    if (file === undefined) return []
    const { track_id: trackId, sha256, audio_sha256: audioSha256 } = file
    return [{ trackId, position, fileName: name, offset, sizeBytes: size, sha256, audioSha256 }]
  })
}

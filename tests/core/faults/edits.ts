import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Scene } from './scene.ts'

/** What may happen to the files of a program while it does not run. */

/** Where the part lies. */
export function partOf({ rig, downloadId }: Scene): string {
  return path.join(rig.staging, `${downloadId}.part`)
}

function databaseOf({ rig }: Scene): string {
  return path.join(path.dirname(rig.staging), 'local.sqlite')
}

/** Changes three bytes of the part. */
export async function rot(scene: Scene, at: number): Promise<void> {
  const part = await open(partOf(scene), 'r+')
  await part.write(Buffer.from('rot'), 0, 3, at)
  await part.close()
}

/** Makes the part whole and empties the journal, as a crash between the last byte and its row leaves them. */
export async function bringWholePart(scene: Scene): Promise<void> {
  await writeFile(partOf(scene), scene.object.bytes)
  forgetJournal(scene)
  scene.notes.set('held', scene.object.bytes.length)
}

export function forgetJournal(scene: Scene): void {
  const db = new DatabaseSync(databaseOf(scene))
  db.exec('delete from download_segments')
  db.close()
}

export async function lengthenPart(scene: Scene, bytes: number): Promise<void> {
  await writeFile(partOf(scene), Buffer.alloc(bytes), { flag: 'a' })
}

export async function removePart(scene: Scene): Promise<void> {
  await rm(partOf(scene))
  scene.notes.set('held', 0)
}

/** Takes the local database away, with what belongs to it. */
export async function removeDatabase(scene: Scene): Promise<void> {
  const folder = path.dirname(databaseOf(scene))
  for (const name of await readdir(folder)) if (name.startsWith('local.sqlite')) await rm(path.join(folder, name))
}

/** Writes the local database anew as `edit` makes it of its bytes; its write-ahead log is gone with the crash. */
export async function editDatabase(scene: Scene, edit: (bytes: Buffer) => Buffer): Promise<void> {
  const place = databaseOf(scene)
  const bytes = await readFile(place)
  await removeDatabase(scene)
  await writeFile(place, edit(bytes))
}

export async function editSidecar(scene: Scene, text: string): Promise<void> {
  await writeFile(path.join(scene.rig.staging, `${scene.downloadId}.json`), text)
}

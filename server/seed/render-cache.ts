import { randomUUID } from 'node:crypto'
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AudioFormat } from '../../contract/values.ts'
import { cacheKey, type PictureJob, type SoundJob } from './render-job.ts'

const DRAFT = '.draft-'

export interface SoundFiles {
  /** The tagged file for sale. */
  readonly audio: string
  /** The same sound in its further formats, tagged too. */
  readonly others: readonly { readonly format: AudioFormat; readonly path: string }[]
  /** MP3 of half a minute. */
  readonly preview: string
  /** 3,600 bytes (see `peaksOf`). */
  readonly peaks: string
}

/** The path of a picture's PNG in the cache folder. */
export function pictureFile(folder: string, job: PictureJob): string {
  return join(folder, cacheKey(job), 'cover.png')
}

/** The paths of a sound's files in the cache folder. */
export function soundFiles(folder: string, job: SoundJob): SoundFiles {
  const entry = join(folder, cacheKey(job))
  return {
    audio: join(entry, `audio.${job.sound.format}`),
    others: (job.sound.alsoIn ?? []).map((format) => ({ format, path: join(entry, `audio.${format}`) })),
    preview: join(entry, 'preview.mp3'),
    peaks: join(entry, 'peaks.bin'),
  }
}

/** Whether a job's results are in the cache: an entry appears with all its files or not at all. */
export async function isCached(folder: string, job: PictureJob | SoundJob): Promise<boolean> {
  return access(join(folder, cacheKey(job))).then(
    () => true,
    () => false,
  )
}

/** Fills an entry in a folder of its own and puts it in place when `fill` is done; what another process put there meanwhile stays. */
export async function addToCache(
  folder: string,
  job: PictureJob | SoundJob,
  fill: (path: string) => Promise<void>,
): Promise<void> {
  const draft = join(folder, `${DRAFT}${process.pid}-${randomUUID()}`)
  await mkdir(draft, { recursive: true })
  try {
    await fill(draft)
    await rename(draft, join(folder, cacheKey(job)))
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    if (!(await isCached(folder, job))) throw error
  }
}

/** Writes one file of an entry that is being filled. */
export async function writeResult(draft: string, name: string, bytes: Uint8Array): Promise<string> {
  const path = join(draft, name)
  await writeFile(path, bytes)
  return path
}

/** Removes what processes that are no more have left half made. */
export async function sweepDrafts(folder: string): Promise<void> {
  const names = await readdir(folder)
  const left = names.filter((name) => name.startsWith(DRAFT) && !isAlive(Number.parseInt(name.slice(DRAFT.length), 10)))
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

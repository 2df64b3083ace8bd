import { mkdir } from 'node:fs/promises'
import { type Catalogue, OPENING_TRACKS } from './catalogue.ts'
import { isCached, pictureFile, type SoundFiles, soundFiles, sweepDrafts } from './render-cache.ts'
import { type PictureJob, type RenderJob, renderJobs, type SoundJob } from './render-job.ts'
import { RenderThread } from './render-thread.ts'

const OPENING_WORKERS = 2

export interface RenderListener {
  /** A picture lies at `path`; `id` is that of the track, pack, fan upload or DJ. */
  onPicture(id: string, path: string): void | Promise<void>
  /** A track or fan upload is complete. */
  onSound(id: string, files: SoundFiles): void | Promise<void>
  /** Something could not be made; the rest goes on. */
  onFailure(id: string, error: Error): void
}

/**
 * Makes everything of a catalogue in worker threads, into a cache folder that any number of starts may share: all
 * pictures, then the opening tracks with two workers, then the rest with one that steps back. What the cache has is
 * reported at once. Resolves when all is made or `signal` is aborted; aborting ends the workers at once and loses
 * only what they had in hand.
 */
export async function renderCatalogue(
  catalogue: Catalogue,
  folder: string,
  listener: RenderListener,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await sweepDrafts(folder)
  const { pictures, sounds } = renderJobs(catalogue)
  const report = async (job: RenderJob): Promise<void> => {
    if (job.kind === 'picture') await listener.onPicture(job.id, pictureFile(folder, job))
    else await listener.onSound(job.id, soundFiles(folder, job))
  }
  const workers = Array.from({ length: OPENING_WORKERS }, () => new RenderThread())
  const end = async (): Promise<void> => {
    await Promise.all(workers.map((worker) => worker.end()))
  }
  const onAbort = (): void => void end()
  signal.addEventListener('abort', onAbort)
  try {
    const run = (jobs: readonly (PictureJob | SoundJob)[], some: readonly RenderThread[]): Promise<void> =>
      runAll(jobs, some, { folder, report, listener, signal })
    const [patient, ...others] = workers
    await run(pictures, workers)
    await run(sounds.slice(0, OPENING_TRACKS), workers)
    for (const worker of others) await worker.end()
    patient?.stepBack()
    await run(sounds.slice(OPENING_TRACKS), workers.slice(0, 1))
  } finally {
    signal.removeEventListener('abort', onAbort)
    await end()
  }
}

interface Run {
  readonly folder: string
  readonly report: (job: RenderJob) => Promise<void>
  readonly listener: RenderListener
  readonly signal: AbortSignal
}

/** Each worker takes the next job as soon as it is free. */
async function runAll(jobs: readonly RenderJob[], workers: readonly RenderThread[], run: Run): Promise<void> {
  const { folder, report, listener, signal } = run
  const queue = jobs.values()
  const work = async (worker: RenderThread): Promise<void> => {
    for (const job of queue) {
      if (signal.aborted) return
      try {
        if (!(await isCached(folder, job))) await worker.render(folder, job)
        await report(job)
      } catch (error) {
        if (!signal.aborted) listener.onFailure(job.id, error instanceof Error ? error : new Error(String(error)))
      }
    }
  }
  await Promise.all(workers.map(work))
}

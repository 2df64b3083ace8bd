import { AppError, type ErrorCode } from '../../../contract/errors.ts'
import { freeBytes, systemCode } from '../library/disk.ts'
import type { LibraryVolume } from '../library/volume.ts'
import type { Log } from '../ports.ts'
import type { DownloadEvent } from './download-machine.ts'
import { failureEvent } from './failure-event.ts'
import { type DownloadRow, findDownload, removeSegments, saveDownload } from './rows.ts'
import { type RunHooks, type RunNeeds, runDownload } from './run-download.ts'
import { bytesToCome, SPARE_BYTES } from './space-rules.ts'

export interface RunsNeeds extends RunNeeds {
  readonly log: Log
  readonly volume: LibraryVolume
}

/** The runs that are at work, one for each download at most. */
export interface DownloadRuns {
  begin(row: DownloadRow): void
  /** Ends the run of a download; what is here stays. */
  stop(id: string): void
  /** Does `work` on the files of a download when nothing else writes for it, and before its next run. Throws what `work` does. */
  afterwards(id: string, work: () => Promise<void>): Promise<void>
  allEnded(): Promise<void>
  /** The one that began last among `ids`; null when none of them is at work. */
  youngest(ids: ReadonlySet<string>): string | null
}

const MAY_BE_DRIVE: ReadonlySet<ErrorCode> = new Set(['disk-error', 'folder-missing', 'folder-not-writable'])

interface Listeners {
  readonly hooks: (row: DownloadRow, run: number) => RunHooks
  readonly dispatch: (id: string, event: DownloadEvent) => void
  readonly onEnd: (id: string) => void
  /** Bytes of a download that are here now. */
  readonly receivedBytes: (id: string) => number
}

interface Run {
  readonly number: number
  readonly controller: AbortController
}

export function createDownloadRuns(needs: RunsNeeds, listeners: Listeners): DownloadRuns {
  const { db, disk, volume } = needs
  const { hooks, dispatch, onEnd } = listeners
  /** In the order in which they began. */
  const runs = new Map<string, Run>()
  /** The last of what is to be done for each download: two at once over one part file would write over each other. */
  const works = new Map<string, Promise<void>>()

  function afterwards(id: string, work: () => Promise<void>): Promise<void> {
    const before = works.get(id)?.catch(() => {}) ?? Promise.resolve()
    const ended = before.then(work).finally(() => {
      if (works.get(id) === ended) works.delete(id)
    })
    works.set(id, ended)
    return ended
  }

  async function perform(id: string, run: number, signal: AbortSignal): Promise<void> {
    try {
      if (signal.aborted) return
      // A drive that is mounted elsewhere now changes where the row says that files lie.
      await volume.assertThere()
      const row = await withStaging(id, signal)
      if (row === null) return
      await runDownload(needs, row, hooks(row, run), signal)
      dispatch(id, { type: 'finished', run })
    } catch (error) {
      if (signal.aborted) return
      const cause = await causeOf(id, error)
      if (!signal.aborted) dispatch(id, failureEvent(cause, run, needs))
    } finally {
      if (runs.get(id)?.number === run) {
        runs.delete(id)
        onEnd(id)
      }
    }
  }

  /**
   * The row to run with; null for one that is gone. A part whose folder is gone, or can not be given a name in the library from where it lies,
   * begins again in a folder that is right now. Throws when the run was ended meanwhile: then the row is somebody else's.
   */
  async function withStaging(id: string, signal: AbortSignal): Promise<DownloadRow | null> {
    const staging = findDownload(db, id)?.staging ?? null
    const isLost = staging !== null && !(await isUsable(staging))
    signal.throwIfAborted()
    const row = findDownload(db, id)
    if (row === null || !isLost) return row
    removeSegments(db, id)
    const fresh = { ...row, staging: null, receivedBytes: 0, segments: '' }
    saveDownload(db, fresh)
    return fresh
  }

  async function isUsable(staging: string): Promise<boolean> {
    try {
      const [place, library] = await Promise.all([disk.stat(staging), disk.stat(needs.libraryFolder())])
      return place.isDirectory() && place.dev === library.dev
    } catch (error) {
      // A library folder that is not there is for the run to tell.
      return systemCode(error) !== 'ENOENT' || (await disk.stat(staging).catch(() => null)) !== null
    }
  }

  /** A disk that fails may be a drive that was pulled out; one that is full lacks what is still to come. */
  async function causeOf(id: string, error: unknown): Promise<unknown> {
    if (!(error instanceof AppError)) return error
    if (error.code === 'disk-full' && error.detail?.['neededBytes'] === undefined) return await withMissing(id, error)
    if (!MAY_BE_DRIVE.has(error.code)) return error
    try {
      await volume.assertThere()
      return error
    } catch (missing) {
      return missing instanceof AppError && missing.code === 'drive-missing' ? missing : error
    }
  }

  async function withMissing(id: string, { code, message, detail }: AppError): Promise<AppError> {
    const free = await freeBytes(disk, needs.libraryFolder())
    const totalBytes = findDownload(db, id)?.totalBytes ?? null
    const needed = bytesToCome({ totalBytes, receivedBytes: listeners.receivedBytes(id) }) + SPARE_BYTES
    return new AppError(code, message, { ...detail, neededBytes: Math.max(1, needed - (free ?? 0)) })
  }

  return {
    begin({ id, run: number }) {
      const controller = new AbortController()
      runs.delete(id)
      runs.set(id, { number, controller })
      void afterwards(id, () => perform(id, number, controller.signal))
    },
    stop: (id) => runs.get(id)?.controller.abort(),
    afterwards,
    async allEnded() {
      await Promise.allSettled(works.values())
    },
    youngest: (ids) => [...runs.keys()].findLast((id) => ids.has(id)) ?? null,
  }
}

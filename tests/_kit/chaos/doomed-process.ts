import { writeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { type Disk, realDisk } from '../../../main/core/library/disk.ts'
import { openTransferRig } from '../transfer-rig.ts'
import type { Doom } from './process-runner.ts'

/**
 * A process that takes up the queue in a folder, adds what it is told to, and dies by SIGKILL at a named point: right before or after the n-th
 * operation of one kind on the disk, or the n-th commit of the database. Says `queued <content>` when an entry is promised to its user, and
 * `ended` when nothing is left to do.
 */
const [folder = '', address = '', doomText = 'null', ...contentIds] = process.argv.slice(2)
const doom = JSON.parse(doomText) as Doom | null
let left = doom?.kind === 'after-ms' || doom === null ? Number.POSITIVE_INFINITY : doom.nth

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

/** Does the work, and dies on the side of it that the doom names when its turn has come. */
async function at<T>(operation: string, work: () => Promise<T>): Promise<T> {
  if (doom?.kind !== 'disk' || doom.operation !== operation) return await work()
  left -= 1
  if (left === 0 && doom.side === 'before') die()
  const result = await work()
  if (left === 0) die()
  return result
}

function watched(handle: FileHandle): FileHandle {
  const { write, sync, truncate, close } = handle
  return Object.assign(handle, {
    write: (...given: Parameters<FileHandle['write']>) => at('write', () => write.apply(handle, given)),
    sync: () => at('sync', () => sync.call(handle)),
    truncate: (length?: number) => at('truncate', () => truncate.call(handle, length)),
    close: () => at('close', () => close.call(handle)),
  })
}

const doomedDisk: Disk = {
  ...realDisk,
  open: (...given) => at('open', async () => watched(await realDisk.open(...given))),
  link: (...given) => at('link', () => realDisk.link(...given)),
  unlink: (...given) => at('unlink', () => realDisk.unlink(...given)),
  rename: (...given) => at('rename', () => realDisk.rename(...given)),
  mkdir: ((...given: Parameters<Disk['mkdir']>) => at('mkdir', () => realDisk.mkdir(...given))) as Disk['mkdir'],
}

/** A statement outside a transaction is a commit of its own. */
function countCommits(side: 'before' | 'after'): void {
  const { exec } = DatabaseSync.prototype
  const { run } = StatementSync.prototype
  let isInside = false
  const commit = <T>(work: () => T): T => {
    left -= 1
    if (left === 0 && side === 'before') die()
    const result = work()
    if (left === 0) die()
    return result
  }
  DatabaseSync.prototype.exec = function (sql) {
    if (/^\s*begin/i.test(sql)) isInside = true
    if (!/^\s*commit/i.test(sql)) return exec.call(this, sql)
    isInside = false
    return commit(() => exec.call(this, sql))
  }
  StatementSync.prototype.run = function (...given: unknown[]) {
    const work = () => Reflect.apply(run, this, given) as ReturnType<typeof run>
    return isInside ? work() : commit(work)
  }
}

if (doom?.kind === 'commit') countCommits(doom.side)
const rig = await openTransferRig({
  folder,
  address,
  settings: { connectionsPerFile: 2, parallelDownloads: 3, fileNameTemplate: '{title}' },
  // The disk of the system is served by worker threads; one that is watched, by this thread.
  ...(doom?.kind === 'disk' ? { disk: doomedDisk } : {}),
})
writeSync(1, 'began\n')
for (const contentId of contentIds) {
  await rig.delivery.start(undefined, { contentType: 'track', contentId, title: contentId, artist: '' })
  writeSync(1, `queued ${contentId}\n`)
}
await rig.until(async () =>
  (await rig.list()).downloads.every(({ status }) => status === 'done' || status === 'failed'),
)
await rig.close()
writeSync(1, 'ended\n')

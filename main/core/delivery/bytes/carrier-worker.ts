import { createHash, type Hash } from 'node:crypto'
import { readSync, writeSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { AppError, toFailure } from '../../../../contract/errors.ts'
import { toDiskError } from '../../library/disk.ts'
import type { Clock } from '../../ports.ts'
import type { CarryEvents, CarryOutcome, Pace } from './carrier.ts'
import type { FromWorker, SentJob, ToWorker, WorkerStart } from './carrier-messages.ts'
import { createDirectWrites, type DirectWriter, openDirectWriter } from './direct-writer.ts'
import { createLocalCarrier } from './open-carrier.ts'
import { READ_MEMORY } from './range-reader.ts'
import type { PartAccess, SegmentSink } from './segment-sink.ts'

/** Between two words about bytes that came. */
const TELL_EVERY_MS = 50
/** Between two notes of how far a segment is. */
const NOTE_EVERY_MS = 100
const BLOCK = 1 << 20

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
}

interface Running {
  readonly controller: AbortController
  readonly sink: SegmentSink
  paid: () => void
}

const carrier = createLocalCarrier({ clock, timings: (workerData as WorkerStart).timings })
const running = new Map<number, Running>()
const directWrites = createDirectWrites()
const tell = (message: FromWorker) => parentPort?.postMessage(message)

parentPort?.on('message', (message: ToWorker) => {
  const run = running.get(message.id)
  switch (message.type) {
    case 'carry':
      return begin(message.id, message.job, message.mostAtOnce)
    case 'abort':
      run?.controller.abort()
      return run?.paid()
    case 'paid':
      return run?.paid()
    case 'shorten':
      if (run !== undefined) tell({ type: 'shortened', id: message.id, end: run.sink.shorten(message.end) })
  }
})

function begin(id: number, job: SentJob, mostAtOnce: Int32Array): void {
  const controller = new AbortController()
  const { signal } = controller
  const pace: Pace = {
    isLimited: () => Atomics.load(mostAtOnce, 0) !== 0,
    // The limit may have gone since `isLimited` was asked, and nothing can be read into no memory.
    mostAtOnce: () => Atomics.load(mostAtOnce, 0) || READ_MEMORY,
    take: (bytes) =>
      new Promise((resolve) => {
        const run = running.get(id)
        if (signal.aborted || run === undefined) return resolve()
        run.paid = resolve
        tell({ type: 'take', id, bytes })
      }),
  }
  const writer = openDirectWriter(job.partFd, directWrites, clock.monotonic)
  const events = batched(id, writer)
  const { outcome, sink } = carrier.carry({ ...job, access: accessTo(job, writer) }, pace, events, signal)
  running.set(id, { controller, sink, paid: () => {} })
  void inFile(outcome, writer)
    .then(
      (value): FromWorker => ({ type: 'ended', id, outcome: value }),
      (error: unknown): FromWorker => ({ type: 'failed', id, failure: toFailure(ownError(error)) }),
    )
    .then((message) => {
      running.delete(id)
      events.flush()
      tell(message)
    })
}

/** An answer that has ended, and all that came of it is in the file. */
async function inFile(outcome: Promise<CarryOutcome>, writer: DirectWriter): Promise<CarryOutcome> {
  try {
    return await outcome
  } finally {
    await onDisk(() => writer.close())
  }
}

function ownError(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('internal', undefined, { cause: String(error) })
}

/** Bytes are told when they are in the file. */
function batched(id: number, writer: DirectWriter): CarryEvents & { flush(): void } {
  let count = 0
  let next = 0
  let toldAt = 0
  function flush() {
    const pending = writer.pendingBytes()
    if (count > pending) tell({ type: 'bytes', id, count: count - pending, next: next - pending })
    count = Math.min(count, pending)
    toldAt = clock.monotonic()
  }
  return {
    flush,
    head: (headers) => tell({ type: 'head', id, headers }),
    bytes(came, at) {
      count += came
      next = at
      if (clock.monotonic() - toldAt >= TELL_EVERY_MS) flush()
    },
    segment(segment, isRight) {
      flush()
      tell({ type: 'segment', id, segment, isRight })
    },
  }
}

/** This thread does nothing else, so it may block on the disk: that spares a hand-over for each small write. */
function accessTo({ partFd, hintsFd }: SentJob, writer: DirectWriter): PartAccess {
  const slot = Buffer.alloc(4)
  let notedAt = 0
  let noted = -1
  return {
    space: writer.space,
    write: (bytes, offset) => onDisk(() => writer.write(bytes, offset)),
    afterWrites: writer.afterWrites,
    hash: (offset, length) => onDisk(() => hashOf(partFd, offset, length)),
    note(segment, bytes) {
      const now = clock.monotonic()
      if (noted === segment && now - notedAt < NOTE_EVERY_MS) return
      noted = segment
      notedAt = now
      slot.writeUInt32LE(Math.max(0, bytes - writer.pendingBytes()))
      try {
        writeSync(hintsFd, slot, 0, slot.length, segment * slot.length)
      } catch {
        // A hint that is lost costs bytes, not safety.
      }
    },
  }
}

function hashOf(fd: number, offset: number, length: number): Hash {
  const hash = createHash('sha256')
  const block = Buffer.allocUnsafe(Math.min(BLOCK, length))
  for (let done = 0; done < length; ) {
    const read = readSync(fd, block, 0, Math.min(block.length, length - done), offset + done)
    if (read === 0) break
    hash.update(block.subarray(0, read))
    done += read
  }
  return hash
}

function onDisk<T>(work: () => T): T {
  try {
    const value = work()
    return value instanceof Promise ? (value.catch(rethrow) as T) : value
  } catch (error) {
    return rethrow(error)
  }
}

function rethrow(error: unknown): never {
  throw toDiskError(error)
}

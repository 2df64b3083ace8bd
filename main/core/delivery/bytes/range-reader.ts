import { AppError } from '../../../../contract/errors.ts'
import type { Clock } from '../../ports.ts'
import { type AskedBytes, type HeaderValues, judgeAnswer } from '../answer-rules.ts'
import type { TransferTimings } from '../timings.ts'
import type { ByteSocket } from './byte-socket.ts'
import type { CarryOutcome, Pace } from './carrier.ts'
import { createProblemBody } from './problem-body.ts'
import { headLength, LARGEST_HEAD, parseHead, type ResponseHead } from './response-head.ts'

/** Memory of one connection, in bytes: large enough that a read costs little beside what is done with it, small enough to stay in the cache. */
export const READ_MEMORY = 256 * 1024
/** Memory for what comes while the sink is at work: what one record of TLS holds. */
const SPILL = 16 * 1024
/** The most that is read at once under a limit that does not say it. */
export const LIMITED_READ = 16 * 1024

/** Takes the bytes of a body in their order. A promise holds the connection until it is settled. */
export interface ByteSink {
  /** The first byte of the file that comes. */
  begin(start: number): void
  /** Where the next bytes are best put; null: anywhere. */
  space(): Uint8Array | null
  /** Answers false when it wants no more. */
  take(bytes: Uint8Array): boolean | Promise<boolean>
}

export interface ReadNeeds {
  readonly clock: Clock
  readonly timings: TransferTimings
}

export interface RangeRead {
  readonly asked: AskedBytes
  /** Of `READ_MEMORY` bytes, for this answer alone while it is read. */
  readonly memory: Buffer
  readonly sink: ByteSink
  readonly pace: Pick<Pace, 'isLimited' | 'mostAtOnce'>
  /** Hears the head of the server's own answer. */
  readonly onHead: (headers: HeaderValues) => void
  /** Hears that the other side answers at all. */
  readonly onFirstByte: () => void
}

/**
 * Reads one answer from a connection on which the request was just written: judges its head, and hands exactly the announced bytes on. `mayReuse`
 * tells whether the connection may carry another request. Rejects as `Carrying.outcome` says; then the connection is of no more use.
 */
export function readRange(
  { clock, timings }: ReadNeeds,
  socket: ByteSocket,
  { asked, memory, sink, pace, onHead, onFirstByte }: RangeRead,
  signal: AbortSignal,
): Promise<{ outcome: CarryOutcome; mayReuse: boolean }> {
  return new Promise((resolve, reject) => {
    let head: ResponseHead | null = null
    let problem: ReturnType<typeof createProblemBody> | null = null
    /** Bytes of the head that came so far; of the body that are still to come. */
    let held = 0
    let left = 0
    let isWorking = false
    /** What the sink is at work on lies in one of the two; reads go to the other. */
    let spill: Buffer | null = null
    let workedOn: ArrayBufferLike | null = null
    const spilled: Buffer[] = []
    let closedWhileWorking: { readonly reason: AppError | null } | null = null
    let waitedMs = 0
    let windowBytes = 0
    let waitBegan = clock.monotonic()
    let stopTimer = clock.after(timings.headersMs, () => fail(broken('no-headers')))

    signal.addEventListener('abort', onAbort, { once: true })
    function onAbort() {
      fail(signal.reason)
    }

    let isSettled = false
    function settle(outcome: () => void) {
      if (isSettled) return
      isSettled = true
      stopTimer()
      signal.removeEventListener('abort', onAbort)
      socket.reader = null
      outcome()
    }
    function fail(reason: unknown) {
      settle(() => {
        socket.destroy()
        // What is under way in the sink ends first: after the answer nothing may write any more.
        void Promise.resolve(working).then(() => reject(reason))
      })
    }
    function finish(outcome: CarryOutcome, mayReuse: boolean) {
      settle(() => {
        if (mayReuse) socket.resume()
        else socket.destroy()
        resolve({ outcome, mayReuse })
      })
    }
    let working: Promise<unknown> = Promise.resolve()

    socket.reader = {
      space: () => {
        if (isWorking) return unused()
        if (head === null) return memory.subarray(held)
        if (!pace.isLimited()) return (problem === null ? sink.space() : null) ?? memory
        return memory.subarray(0, pace.mostAtOnce?.() ?? LIMITED_READ)
      },
      bytes(bytes) {
        // TLS hands on what it has decrypted already, whatever it was answered.
        if (isWorking) {
          spilled.push(Buffer.from(bytes))
          return false
        }
        try {
          return head === null ? takeHead(bytes) : takeBody(bytes)
        } catch (error) {
          fail(error)
          return true
        }
      },
      closed(reason) {
        if (isWorking) {
          closedWhileWorking = { reason }
          return
        }
        if (head !== null && problem !== null && left === Number.POSITIVE_INFINITY) return endProblem()
        fail(reason ?? broken(head === null ? 'closed' : 'cut'))
      },
    }
    if (signal.aborted) onAbort()

    function unused(): Buffer {
      if (workedOn !== memory.buffer) return memory
      spill ??= Buffer.allocUnsafeSlow(SPILL)
      return spill
    }

    function takeHead(bytes: Uint8Array): boolean {
      onFirstByte()
      // `space` gave the memory behind what is held; a socket may bring bytes in memory of its own all the same.
      if (bytes.buffer !== memory.buffer || bytes.byteOffset !== memory.byteOffset + held) memory.set(bytes, held)
      held += bytes.byteLength
      const length = headLength(memory.subarray(0, held))
      if (length === null) {
        if (held > LARGEST_HEAD) throw new AppError('corrupt-source', undefined, { why: 'head-too-large' })
        return true
      }
      const parsed = parseHead(memory.subarray(0, length))
      const rest = memory.subarray(length, held)
      if (parsed.status < 200) {
        memory.copyWithin(0, length, held)
        held = 0
        return rest.length === 0 ? true : takeHead(memory.subarray(0, rest.length))
      }
      head = parsed
      stopTimer()
      startIdleTimer()
      const judged = judgeAnswer(parsed.status, parsed.headers, asked)
      if (judged.kind !== 'problem') onHead(parsed.headers)
      if (judged.kind === 'whole') {
        finish({ kind: 'whole' }, false)
        return true
      }
      if (judged.kind === 'problem') {
        problem = createProblemBody(parsed.headers)
        left = problem.length
        return rest.length === 0 && left > 0 ? true : takeBody(rest)
      }
      left = judged.end - judged.start + 1
      sink.begin(judged.start)
      return rest.length === 0 ? true : takeBody(rest)
    }

    function takeBody(bytes: Uint8Array): boolean {
      noteRate(bytes.byteLength)
      if (problem !== null) {
        if (problem.take(bytes)) endProblem()
        return true
      }
      // More than was announced belongs to no answer: it is not written, and the connection ends with this one.
      const isOver = bytes.byteLength > left
      const mine = isOver ? bytes.subarray(0, left) : bytes
      left -= mine.byteLength
      const wantsMore = sink.take(mine)
      if (typeof wantsMore === 'boolean') {
        goOn(wantsMore, isOver)
        return true
      }
      isWorking = true
      workedOn = mine.buffer
      stopTimer()
      working = wantsMore.then(
        (wants) => {
          isWorking = false
          goOn(wants, isOver || (left === 0 && spilled.length > 0))
          takeSpilled()
        },
        (error: unknown) => {
          isWorking = false
          fail(error)
        },
      )
      return false
    }

    /** Goes on with what came while the sink was at work, then with what comes. */
    function takeSpilled() {
      try {
        while (!isSettled && !isWorking) {
          const next = spilled.shift()
          if (next === undefined) break
          takeBody(next)
        }
      } catch (error) {
        fail(error)
      }
      if (isSettled || isWorking) return
      if (closedWhileWorking !== null) return fail(closedWhileWorking.reason ?? broken('cut'))
      startIdleTimer()
      socket.resume()
    }

    function goOn(wantsMore: boolean, isOver: boolean) {
      if (left === 0) finish({ kind: 'taken' }, !isOver && mayKeepAlive(head))
      else if (!wantsMore) finish({ kind: 'taken' }, false)
      else restartIdleTimer()
    }

    function endProblem() {
      if (head === null || problem === null) return
      finish({ kind: 'problem', status: head.status, headers: head.headers, body: problem.body() }, false)
    }

    function startIdleTimer() {
      stopTimer()
      waitBegan = clock.monotonic()
      stopTimer = clock.after(timings.idleMs, onIdle)
    }
    /** One timer looks again for as long as bytes come, so that a read does not cost a timer. */
    function onIdle() {
      const idle = clock.monotonic() - waitBegan
      if (idle >= timings.idleMs - 1) return fail(broken('idle'))
      stopTimer = clock.after(timings.idleMs - idle, onIdle)
    }
    function restartIdleTimer() {
      waitBegan = clock.monotonic()
    }

    /** Judges the rate over the time spent waiting for the other side; what is held back here does not count. */
    function noteRate(bytes: number) {
      const now = clock.monotonic()
      waitedMs += now - waitBegan
      waitBegan = now
      windowBytes += bytes
      if (waitedMs < timings.rateWindowMs) return
      if (windowBytes < (timings.slowestBytesPerSecond * waitedMs) / 1000) throw new AppError('slow-connection')
      waitedMs = 0
      windowBytes = 0
    }
  })
}

function mayKeepAlive(head: ResponseHead | null): boolean {
  const connection = head?.headers.get('connection')?.join(',').toLowerCase() ?? ''
  return !connection.includes('close')
}

function broken(cause: string): AppError {
  return new AppError('offline', 'The connection broke off', { cause })
}

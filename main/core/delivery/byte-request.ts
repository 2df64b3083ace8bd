import { delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { Network, SignedRequests } from '../needs.ts'
import type { Clock } from '../ports.ts'
import { readAnswer } from '../server/read-answer.ts'
import type { HeaderValues } from './answer-rules.ts'
import type { Carrier, CarryEvents, Carrying, CarryJob, CarryOutcome, Pace } from './bytes/carrier.ts'
import type { TransferTimings } from './timings.ts'

const PATH = delivery.init.path.replace(/init$/, 'file')

export interface ByteRequestNeeds {
  readonly clock: Clock
  readonly signed: SignedRequests
  readonly network: Network
  readonly carrier: Carrier
  readonly timings: TransferTimings
}

/** What is to be fetched with one download token. */
export interface ByteRequest extends Omit<CarryJob, 'to' | 'path' | 'headers'> {
  readonly token: string
  readonly pace: Pace
}

/** One request for bytes that is under way. */
export interface ByteRequestRun {
  /**
   * `whole`: the server ignores ranges; then nothing was taken. Rejects with what the server says, or as `Carrying.outcome` does.
   */
  readonly outcome: Promise<'taken' | 'whole'>
  /** As `Carrying.shorten`. */
  shorten(end: number): Promise<number>
}

/** Fetches one range into its part file. A stale nonce and an ended session are cured once each. */
export function requestBytes(
  needs: ByteRequestNeeds,
  request: ByteRequest,
  events: Pick<CarryEvents, 'bytes' | 'segment'>,
  signal: AbortSignal,
): ByteRequestRun {
  const { signed, network, carrier } = needs
  let carrying: Carrying | null = null

  async function run(): Promise<'taken' | 'whole'> {
    const cured = new Set<string>()
    for (;;) {
      try {
        return await once()
      } catch (error) {
        const code = error instanceof AppError ? error.code : null
        if ((code !== 'use-dpop-nonce' && code !== 'not-signed-in') || cured.has(code)) throw error
        cured.add(code)
        if (code === 'not-signed-in') await signed.renewSession()
      }
    }
  }

  async function once(): Promise<'taken' | 'whole'> {
    const { token, pace, ...range } = request
    const headers = await signed.headers({ method: 'GET', path: PATH, downloadToken: token })
    signal.throwIfAborted()
    const { origin, pathname } = new URL(signed.address())
    const path = `${pathname === '/' ? '' : pathname}${PATH}?token=${encodeURIComponent(token)}`
    const job = { ...range, to: { origin, proxy: signed.proxy() }, path, headers }
    const heard: CarryEvents = {
      ...events,
      head(answer) {
        network.report('reached')
        signed.noteAnswer(toRecord(answer))
      },
    }
    carrying = carrier.carry(job, pace, heard, signal)
    try {
      return judged(await carrying.outcome)
    } catch (error) {
      signal.throwIfAborted()
      if (isUnreached(error)) network.report('unreachable')
      throw error
    } finally {
      carrying = null
    }
  }

  function judged(outcome: CarryOutcome): 'taken' | 'whole' {
    if (outcome.kind !== 'problem') return outcome.kind
    const headers = toRecord(outcome.headers)
    signed.noteAnswer(headers)
    readAnswer({ status: outcome.status, headers, body: outcome.body })
    throw new AppError('corrupt-source', undefined, { why: 'unexpected-status' })
  }

  return { outcome: run(), shorten: async (end) => (await carrying?.shorten(end)) ?? request.asked.end }
}

function toRecord(headers: HeaderValues): Record<string, string | undefined> {
  return Object.fromEntries([...headers].map(([name, values]) => [name, values[0]]))
}

/** What breaks in the middle of an answer says nothing about the network; what never answers does. */
function isUnreached(error: unknown): boolean {
  const cause = error instanceof AppError && error.code === 'offline' ? error.detail?.['cause'] : null
  return cause !== null && cause !== 'cut' && cause !== 'idle'
}

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { ErrorCode } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import type { Dice } from '../../_kit/chaos/dice.ts'
import type { PersonName } from '../../_kit/people.ts'
import type { DeliveryServer, StoredFile } from '../../server/delivery/delivery-server.ts'
import {
  cancel,
  codeOf,
  complete,
  fileRequest,
  get,
  init,
  type Listener,
  open,
} from '../../server/delivery/listener.ts'

/** The server that histories run against; it may be another one after each step. */
export interface HistoryServer {
  readonly current: () => DeliveryServer
  /** Stops the process's server with all its connections and starts another on the same data. */
  readonly restart: () => Promise<void>
}

/** A client in the words of the protocol document: what it knows, and nothing that it does not. */
export interface HistoryClient {
  /** One step of a random kind; answers its name. */
  interrupt(): Promise<string>
  /** Goes on, without further interruption, until the file is delivered; false when the protocol says that it never will be. */
  finish(): Promise<boolean>
  /** Attempts that the user gave up while they were open, by id. */
  readonly cancelled: ReadonlySet<string>
  readonly delivered: number
  readonly isWithdrawn: boolean
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
/** After these an attempt is of no more use. */
const ENDS_ATTEMPT: readonly (string | undefined)[] = [
  'attempt-closed',
  'byte-budget',
  'content-changed',
] satisfies ErrorCode[]
const NEVER: readonly (string | undefined)[] = [
  'attempts-exhausted',
  'content-revoked',
  'no-entitlement',
] satisfies ErrorCode[]
const MOST_ROUNDS = 60

interface Granted {
  readonly token: string
  readonly range: ByteRange
}

export function historyClient(
  server: HistoryServer,
  file: StoredFile,
  roll: Dice,
  who: PersonName,
  withdraw: () => Promise<void>,
): HistoryClient {
  const { sizeBytes } = file
  const cancelled = new Set<string>()
  const state = { delivered: 0, isWithdrawn: false, network: 2, signedInAgo: 24 * HOUR_MS }
  /** What is remembered: the attempt, tokens that were granted and not tried, tokens that were, and how much is here. */
  let attemptId: string | null = null
  let tokens: Granted[] = []
  let tried: Granted[] = []
  let here = 0

  const listener = (): Listener => ({
    who,
    device: 'laptop',
    from: `127.0.0.${state.network}`,
    signedInAgo: state.signedInAgo,
  })

  function forget() {
    attemptId = null
    tokens = []
    tried = []
    here = 0
  }

  /** Asks for tokens as the protocol says; answers why there are none. */
  async function ask(want: ByteRange[]): Promise<string | null> {
    for (let round = 0; ; round++) {
      const known = attemptId === null ? {} : { attemptId }
      const { status, headers, body } = await init(server.current(), listener(), file, { ...known, want })
      state.signedInAgo = 24 * HOUR_MS
      if (status === 200) {
        attemptId = body.attempt.id
        tokens = body.tokens.map(({ token, range }) => ({ token, range }))
        return null
      }
      if (round > 4) throw new Error(`init answers ${status} ${body.code} again and again`)
      if (ENDS_ATTEMPT.includes(body.code) && attemptId !== null) attemptId = null
      else if (body.code === 'rate-limited') server.current().clock.advance(Number(headers['retry-after'] ?? 60) * 1000)
      else if (body.code === 'rebind-limit') state.signedInAgo = 0
      else return body.code ?? String(status)
    }
  }

  /** Uses a token; keeps what continues what is here. Ends early, as `cut` says, after about so many bytes. */
  async function fetch(
    { token, range }: Granted,
    cut: { readonly after: number; readonly isReset: boolean } | null,
  ): Promise<string | null> {
    tried.push({ token, range })
    const response = await open(server.current(), fileRequest(listener(), token, { range }))
    if (response.statusCode !== 206) {
      const code =
        (JSON.parse((await response.toArray()).join('')) as { code?: string }).code ?? String(response.statusCode)
      if (ENDS_ATTEMPT.includes(code) && code !== 'attempt-closed') attemptId = null
      return code
    }
    const bytes = await read(response, cut)
    const came = file.bytes.subarray(range[0], range[0] + bytes.length)
    if (!came.equals(bytes)) throw new Error('The server sent other bytes than those of the file')
    if (range[0] <= here) here = Math.max(here, range[0] + bytes.length)
    return null
  }

  const missing = (most = sizeBytes): ByteRange => [here, Math.min(sizeBytes, here + most) - 1]
  const cutAfter = () => ({ after: roll.pick([0, 1, 5_000, 40_000]), isReset: roll.chance(0.5) })

  /** Tells the server that all is here; what it answers is believed only when it says so. */
  async function tell(): Promise<boolean> {
    if (attemptId === null) return false
    const { status, state: ended } = await complete(server.current(), listener(), attemptId, file.segmentRoot)
    return status === 200 && ended === 'delivered'
  }

  async function finish(): Promise<boolean> {
    const reasons: (string | null)[] = []
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (here === sizeBytes && (await tell())) {
        state.delivered += 1
        return true
      }
      const why = await ask(here === sizeBytes ? [] : [missing()])
      reasons.push(why)
      if (NEVER.includes(why ?? undefined)) return false
      const [granted] = tokens.splice(0, 1)
      if (granted !== undefined) reasons.push(await fetch(granted, null))
    }
    throw new Error(`Not delivered with ${here} of ${sizeBytes} bytes here: ${reasons.slice(-6).join(', ')}`)
  }

  const steps: Readonly<Record<string, () => Promise<unknown>>> = {
    'asks and uses its token': async () => {
      if ((await ask([missing(roll.pick([100, 3_000, 5_000, 6_500, 60_000]))])) === null)
        for (const one of tokens.splice(0)) await fetch(one, null)
    },
    'asks for several': () =>
      ask(
        here + 30 < sizeBytes
          ? [
              [here, here + 9],
              [here + 10, here + 19],
              [here + 20, sizeBytes - 1],
            ]
          : [missing()],
      ),
    'uses a token that waited': async () => {
      const [granted] = tokens.splice(0, 1)
      if (granted !== undefined) await fetch(granted, roll.chance(0.5) ? cutAfter() : null)
    },
    'is cut': async () => {
      if ((await ask([missing()])) === null) for (const one of tokens.splice(0)) await fetch(one, cutAfter())
    },
    'uses a token again': async () => {
      if (tried.length === 0) return
      const { token, range } = roll.pick(tried)
      const answer = await get(server.current(), listener(), token, { range })
      if (answer.status < 400) throw new Error('A token was good twice')
      const code = codeOf(answer)
      if (
        !['token-used', 'token-expired', 'token-unknown', 'content-revoked', 'attempt-closed', 'server-busy'].includes(
          code ?? '',
        )
      )
        throw new Error(`A used token is refused as ${code}`)
    },
    'loses the answer of init': async () => {
      const known = roll.chance(0.5) && attemptId !== null ? { attemptId } : {}
      await init(server.current(), listener(), file, { ...known, want: [missing()] })
    },
    'completes too early': async () => {
      if (attemptId !== null) await complete(server.current(), listener(), attemptId, file.sha256)
    },
    'changes its network': async () => {
      state.network = roll.between(2, 9)
    },
    'waits until tokens are too old': async () => server.current().clock.advance(roll.between(4, 40) * MINUTE_MS),
    'sleeps for days': async () => server.current().clock.advance(roll.pick([24, 71, 73, 24 * 30]) * HOUR_MS),
    'is killed and forgets its tokens': async () => {
      tokens = []
      tried = []
    },
    'loses its database': async () => {
      attemptId = null
      tokens = []
    },
    'gives up and begins again': async () => {
      if (attemptId === null) return
      const { status, state: ended } = await cancel(server.current(), listener(), attemptId)
      if (status === 200 && ended !== 'delivered') cancelled.add(attemptId)
      forget()
    },
    'meets a restart of the server': async () => {
      const [granted] = tokens
      if (granted === undefined) return await server.restart()
      const response = await open(
        server.current(),
        fileRequest(listener(), granted.token, { range: granted.range }),
      ).catch(() => null)
      tokens.splice(0, 1)
      response?.on('error', () => {})
      await server.restart()
      response?.destroy()
    },
    'wants it once more': async () => {
      if (await finish()) forget()
    },
    'is refunded': async () => {
      if (!roll.chance(0.3)) return
      await withdraw()
      state.isWithdrawn = true
    },
  }
  const weights = Object.keys(steps).flatMap((name) => new Array<string>(WEIGHTS[name] ?? 4).fill(name))

  return {
    async interrupt() {
      const name = roll.pick(weights)
      await steps[name]?.()
      return name
    },
    finish,
    cancelled,
    get delivered() {
      return state.delivered
    },
    get isWithdrawn() {
      return state.isWithdrawn
    },
  }
}

/** Steps that happen less often than others: they cost time, or end a history. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'meets a restart of the server': 1,
  'is refunded': 1,
  'wants it once more': 1,
  'is cut': 6,
  'asks and uses its token': 8,
  'gives up and begins again': 8,
}

async function read(
  response: IncomingMessage,
  cut: { readonly after: number; readonly isReset: boolean } | null,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer)
      bytes += (chunk as Buffer).length
      if (cut === null || bytes < cut.after) continue
      const closed = once(response.socket, 'close')
      if (cut.isReset) response.socket.resetAndDestroy()
      else response.socket.destroy()
      await closed
      break
    }
  } catch {
    // A stream that the server ends early is one more interruption.
  }
  return Buffer.concat(chunks)
}

/** A name for a content that no other history has. */
export function freshName(): string {
  return `history ${randomUUID()}`
}

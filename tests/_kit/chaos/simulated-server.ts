import { createHash } from 'node:crypto'
import type { Completion, CompletionRefusal, DownloadGrant, PackEntry } from '../../../contract/delivery.ts'
import { AppError, type ErrorCode } from '../../../contract/errors.ts'
import type { AudioFormat, ByteRange, ContentType } from '../../../contract/values.ts'
import type { Dice } from './dice.ts'

const HOUR_MS = 3_600_000
const WINDOW_MS = 72 * HOUR_MS
const REOPEN_MS = 365 * 24 * HOUR_MS
const TOKEN_MS = 180_000
const ATTEMPT_LIMIT = 5

export interface SimulatedObject {
  readonly contentId: string
  readonly contentType: ContentType
  /** Null for a pack. */
  readonly format: AudioFormat | null
  /** The tracks inside a pack. */
  readonly contents: readonly PackEntry[] | null
  readonly bytes: Buffer
  readonly sha256: string
  readonly grant: DownloadGrant['object']
}

export interface SimulatedAttempt {
  readonly id: string
  readonly object: SimulatedObject
  state: 'reserved' | 'active' | 'delivered' | 'released' | 'expired_charged'
  closesAt: number
  served: number
}

interface Token {
  readonly attempt: SimulatedAttempt
  readonly range: ByteRange
  readonly expiresAt: number
  isUsed: boolean
}

/** The server's side of the protocol, in as few lines as it takes: attempts, tokens that work once, and what an attempt costs. */
export interface SimulatedServer {
  /** Offers a file, in place of the one of that content and format; the first format of a content is its master. */
  sell(contentId: string, bytes: Buffer, segmentSize: number, as?: Offer): SimulatedObject
  init(input: {
    readonly contentId: string
    readonly format?: AudioFormat | undefined
    readonly attemptId?: string | undefined
    readonly want?: readonly ByteRange[] | undefined
  }): DownloadGrant
  completeMany(files: readonly Completion[]): { files: { attemptId: string; refusal: CompletionRefusal | null }[] }
  cancel(attemptId: string): { state: SimulatedAttempt['state'] }
  /** Uses a token; answers the object. Throws what the server refuses with. */
  redeem(token: string, range: ByteRange): { readonly object: SimulatedObject; readonly attempt: SimulatedAttempt }
  readonly attempts: ReadonlyMap<string, SimulatedAttempt>
  /** Every object that was ever sold. */
  readonly sold: readonly SimulatedObject[]
  /** The master of each content, as it is sold now. */
  readonly objects: ReadonlyMap<string, SimulatedObject>
}

/** What is sold as; left out: a track as mp3. */
interface Offer {
  readonly format?: AudioFormat
  /** Makes it a pack. */
  readonly contents?: readonly PackEntry[]
}

export function createSimulatedServer(roll: Dice, now: () => number): SimulatedServer {
  const objects = new Map<string, SimulatedObject>()
  /** By content and format. */
  const offers = new Map<string, SimulatedObject>()
  const sold: SimulatedObject[] = []
  const attempts = new Map<string, SimulatedAttempt>()
  const tokens = new Map<string, Token>()

  const isOpen = ({ state }: SimulatedAttempt) => state === 'reserved' || state === 'active'

  const keyOf = (contentId: string, format: AudioFormat | null) => `${contentId} ${format}`

  const isReplaced = ({ object }: SimulatedAttempt) => offers.get(keyOf(object.contentId, object.format)) !== object

  function settle(attempt: SimulatedAttempt) {
    const little = Math.min(2 ** 20, attempt.object.bytes.length / 20)
    attempt.state = attempt.served <= little ? 'released' : 'expired_charged'
  }

  /** The file that a call is about: of the format it asks for, else that of the attempt it names, else that of the open one, else the master. */
  function offerFor(contentId: string, attemptId: string | undefined, format: AudioFormat | undefined) {
    const master = objects.get(contentId)
    if (master === undefined) throw new AppError('not-found')
    const mine = [...attempts.values()].filter(({ object }) => object.contentId === contentId)
    for (const attempt of mine) if (isOpen(attempt) && attempt.closesAt <= now()) settle(attempt)
    const meant = mine.find(({ id }) => id === attemptId) ?? mine.find(isOpen)
    const offer = offers.get(keyOf(contentId, format ?? meant?.object.format ?? master.format))
    if (offer === undefined) throw new AppError('format-not-offered')
    return offer
  }

  function find({ contentId, format }: SimulatedObject, attemptId: string | undefined): SimulatedAttempt | null {
    const ours = [...attempts.values()].filter(({ object }) => object.contentId === contentId)
    const mine = ours.filter(({ object }) => object.format === format)
    const mayReopen = (attempt: SimulatedAttempt) =>
      attempt.state === 'expired_charged' && now() < attempt.closesAt + REOPEN_MS
    const named = mine.find(({ id }) => id === attemptId)
    // An attempt on another format than the one asked for is none of this call's.
    const isOther = named === undefined && ours.some(({ id }) => id === attemptId)
    if (attemptId !== undefined && !isOther) {
      if (named === undefined) throw new AppError('not-found')
      if (isReplaced(named)) throw new AppError('content-changed')
      if (named.state !== 'delivered' && !isOpen(named) && !mayReopen(named)) throw new AppError('attempt-closed')
      return named
    }
    const current = mine.filter((attempt) => !isReplaced(attempt))
    return current.find(isOpen) ?? current.find(mayReopen) ?? null
  }

  function complete({ attemptId, segmentRoot }: Completion): CompletionRefusal | null {
    const attempt = attempts.get(attemptId)
    if (attempt === undefined) return 'not-found'
    if (attempt.state === 'released') return 'attempt-closed'
    if (segmentRoot !== attempt.object.grant.segmentRoot) return 'hash-mismatch'
    attempt.state = 'delivered'
    return null
  }

  function openNew(object: SimulatedObject): SimulatedAttempt {
    const used = [...attempts.values()].filter(
      (one) =>
        one.object.contentId === object.contentId && one.object.format === object.format && one.state !== 'released',
    )
    if (used.length >= ATTEMPT_LIMIT) throw new AppError('attempts-exhausted')
    const attempt: SimulatedAttempt = {
      id: roll.uuid(),
      object,
      state: 'reserved',
      closesAt: now() + WINDOW_MS,
      served: 0,
    }
    attempts.set(attempt.id, attempt)
    return attempt
  }

  function required(attemptId: string): SimulatedAttempt {
    const attempt = attempts.get(attemptId)
    if (attempt === undefined) throw new AppError('not-found')
    return attempt
  }

  return {
    attempts,
    objects,
    sold,
    sell(contentId, bytes, segmentSize, { format = 'mp3', contents } = {}) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / segmentSize) }, (_, index) =>
        sha256(bytes.subarray(index * segmentSize, (index + 1) * segmentSize)),
      )
      const whole = sha256(bytes).toString('hex')
      const object: SimulatedObject = {
        contentId,
        contentType: contents === undefined ? 'track' : 'album',
        format: contents === undefined ? format : null,
        contents: contents ?? null,
        bytes,
        sha256: whole,
        grant: {
          sizeBytes: bytes.length,
          etag: `"sha256-${whole}"`,
          sha256: whole,
          segmentSize,
          segmentSha256: pieces.map((piece) => piece.toString('hex')),
          segmentRoot: sha256(Buffer.concat(pieces)).toString('hex'),
          audioSha256: null,
          fileName: `file.${contents === undefined ? format : 'zip'}`,
          mimeType: 'application/octet-stream',
        },
      }
      if ((objects.get(contentId) ?? object).format === object.format) objects.set(contentId, object)
      offers.set(keyOf(contentId, object.format), object)
      sold.push(object)
      return object
    },
    init({ contentId, attemptId, format, want = [] }) {
      const object = offerFor(contentId, attemptId, format)
      const found = find(object, attemptId)
      const attempt = found ?? openNew(object)
      if (attempt.state === 'expired_charged') Object.assign(attempt, { state: 'active', closesAt: now() + WINDOW_MS })
      const last = object.bytes.length - 1
      const granted = want.map(([start, end]) => {
        if (start > last) throw new AppError('range-not-granted')
        const range: ByteRange = [start, Math.min(end, last)]
        const token = roll.bytes(32).toString('base64url')
        tokens.set(token, { attempt, range, expiresAt: now() + TOKEN_MS, isUsed: false })
        return { token, range, expiresInSeconds: TOKEN_MS / 1000 }
      })
      return {
        attempt: {
          id: attempt.id,
          state: attempt.state,
          isReused: found !== null,
          isRepair: attempt.state === 'delivered',
          closesAt: new Date(attempt.closesAt).toISOString(),
          bytesServed: attempt.served,
          byteBudget: object.bytes.length * 3 + 64 * 2 ** 20,
        },
        object: attempt.object.grant,
        tokens: granted,
        entitlement: { source: 'purchase', attemptsLeft: 4, quotaLeft: null },
        contents: attempt.object.contents === null ? null : [...attempt.object.contents],
      } satisfies DownloadGrant
    },
    completeMany(files) {
      return { files: files.map((file) => ({ attemptId: file.attemptId, refusal: complete(file) })) }
    },
    cancel(attemptId) {
      const attempt = required(attemptId)
      if (isOpen(attempt)) settle(attempt)
      return { state: attempt.state }
    },
    redeem(name, range) {
      const token = tokens.get(name)
      const refuse = (code: ErrorCode) => new AppError(code)
      if (token === undefined) throw refuse('token-unknown')
      if (token.isUsed) throw refuse('token-used')
      if (isReplaced(token.attempt)) throw refuse('content-changed')
      if (token.expiresAt <= now()) throw refuse('token-expired')
      if (!isOpen(token.attempt) && token.attempt.state !== 'delivered') throw refuse('attempt-closed')
      if (range[0] < token.range[0] || range[1] > token.range[1]) throw refuse('range-not-granted')
      token.isUsed = true
      if (token.attempt.state === 'reserved') token.attempt.state = 'active'
      return { object: token.attempt.object, attempt: token.attempt }
    },
  }
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest()
}

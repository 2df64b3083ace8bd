import type { Caller } from '../../../contract/call.ts'
import { type DownloadGrant, delivery } from '../../../contract/delivery.ts'
import { AppError, type ErrorCode } from '../../../contract/errors.ts'
import type { AudioFormat, ByteRange, ContentRef } from '../../../contract/values.ts'
import { assertSoundGrant } from './grant-rules.ts'

/** Ranges that one call may ask tokens for. */
const MOST_RANGES = 8
/** After these the attempt is of no more use: the next call opens, or re-opens, one. */
const ENDS_ATTEMPT: ReadonlySet<ErrorCode> = new Set(['attempt-closed', 'byte-budget', 'content-changed'])

/** The `why` of a `content-changed` that no other token cures. */
export const OTHER_OBJECT = 'other-object'

/** Where the connections of one download get their tokens, each just before its request. */
export interface TokenDesk {
  /**
   * Opens the attempt, or goes on with it, and answers what there is to fetch. `first` is a range that is wanted in any case, as far as it
   * lies inside the file: its token comes with the answer and spares a call.
   */
  open(first: ByteRange | null): Promise<DownloadGrant>
  /** The range that a token is at hand for; null when there is none. */
  atHand(): ByteRange | null
  /** A token for one range; asked for together with what other connections want at the same moment. Throws `content-changed`. */
  tokenFor(range: ByteRange): Promise<string>
  /** Hears why a request failed, and gives the attempt up where it is of no more use. */
  noteFailure(code: ErrorCode): void
}

interface DeskNeeds {
  readonly serverCall: Caller
  readonly content: ContentRef
  readonly format: AudioFormat | null
  readonly attemptId: string | null
  /** Hears of each grant, so that the attempt is remembered. */
  readonly onGrant: (grant: DownloadGrant) => void
}

interface Wish {
  readonly range: ByteRange
  readonly resolve: (token: string) => void
  readonly reject: (reason: unknown) => void
}

export function createTokenDesk({ serverCall, content, format, attemptId, onGrant }: DeskNeeds): TokenDesk {
  let attempt = attemptId
  let object: string | null = null
  let wishes: Wish[] = []
  let spare: { readonly token: string; readonly range: ByteRange } | null = null

  async function init(want: ByteRange[]): Promise<DownloadGrant> {
    try {
      return await initOnce(want)
    } catch (error) {
      const mayCure =
        error instanceof AppError && ENDS_ATTEMPT.has(error.code) && error.detail?.['why'] !== OTHER_OBJECT
      if (!mayCure || attempt === null) throw error
      attempt = null
      return await initOnce(want)
    }
  }

  async function initOnce(want: ByteRange[]): Promise<DownloadGrant> {
    const { contentType, contentId } = content
    const input = {
      contentType,
      contentId,
      want,
      ...(attempt === null ? {} : { attemptId: attempt }),
      ...(format === null ? {} : { format }),
    }
    const grant = await serverCall(delivery.init, input)
    assertSoundGrant(grant)
    attempt = grant.attempt.id
    // Whoever remembers what is here of the file must not take it for a part of another.
    if (object !== null && grant.object.sha256 !== object)
      throw new AppError('content-changed', undefined, { why: OTHER_OBJECT })
    onGrant(grant)
    return grant
  }

  async function serve(batch: readonly Wish[]): Promise<void> {
    try {
      const grant = await init(batch.map(({ range }) => range))
      batch.forEach((wish, index) => {
        const token = grant.tokens[index]?.token
        if (token === undefined) wish.reject(new AppError('range-not-granted'))
        else wish.resolve(token)
      })
    } catch (error) {
      for (const wish of batch) wish.reject(error)
    }
  }

  function serveAll(): void {
    const all = wishes
    wishes = []
    for (let first = 0; first < all.length; first += MOST_RANGES) void serve(all.slice(first, first + MOST_RANGES))
  }

  return {
    async open(first) {
      const grant = await init(first === null ? [] : [first])
      object = grant.object.sha256
      spare = grant.tokens[0] ?? null
      return grant
    },
    atHand: () => spare?.range ?? null,
    tokenFor: (range) =>
      new Promise((resolve, reject) => {
        const kept = spare
        spare = null
        if (kept !== null && kept.range[0] <= range[0] && range[1] <= kept.range[1]) return resolve(kept.token)
        // The first wish of a moment waits for the others of that moment.
        if (wishes.length === 0) setImmediate(serveAll)
        wishes.push({ range, resolve, reject })
      }),
    noteFailure(code) {
      spare = null
      if (ENDS_ATTEMPT.has(code)) attempt = null
    },
  }
}

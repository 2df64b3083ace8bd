import type { Output, Parsed } from '../../../contract/call.ts'
import type { DownloadGrant, delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import { callersDevice, type Needs, phased, signedIn } from '../../context.ts'
import type { Random } from '../../ports.ts'
import { newToken, tokenHash } from './download-token.ts'
import { insertLog } from './log-rows.ts'
import { type OpenAttempt, openAttempt } from './open-attempt.ts'
import { clampedRanges } from './range-rules.ts'
import { TOKEN_SECONDS } from './rules.ts'
import { assertStored, type Deliverable } from './stored-object.ts'
import { type HashedToken, newTokens } from './token-rows.ts'

type InitNeeds = Needs<'transactAsServer' | 'caller' | 'clock' | 'random' | 'objects' | 'log' | 'requestId'>
type Input = Parsed<typeof delivery.init>

/** Between looking at the store and charging, the content may get another file; then the look is repeated. */
const MOST_LOOKS = 3

export const init = phased(async function init(needs: InitNeeds, input: Input): Promise<Output<typeof delivery.init>> {
  try {
    return await grant(needs, input)
  } catch (error) {
    if (error instanceof AppError) await recordRefusal(needs, error)
    throw error
  }
})

type Outcome = Awaited<ReturnType<typeof openAttempt>> | { readonly refused: AppError }

async function grant(needs: InitNeeds, input: Input): Promise<DownloadGrant> {
  const { transactAsServer, caller, clock, random } = needs
  const { userId, signedInAt, address } = signedIn(caller)
  const { contentType, contentId, attemptId, format, want } = input
  const { id: deviceId } = callersDevice(caller)
  const ref = { contentType, contentId }
  let storedSha256: string | null = null
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const known: string | null = storedSha256
    const tokens: IssuedToken[] = []
    const outcome: Outcome = await transactAsServer<Outcome>(async (tx) => {
      // A refusal is an answer here, so that what was settled on the way is kept.
      try {
        const asked = { newId: random.uuid(), userId, ref, deviceId, attemptId, format, want }
        return await openAttempt(
          tx,
          { ...asked, address, signedInAt, now: clock.now() },
          (deliverable) => isStored(needs, input, deliverable, known),
          (attempt, { object, isReused, isRepair }) => {
            tokens.push(...issueTokens(random, assertInside(want, object.sizeBytes)))
            return newTokens(attempt, { address, isRepair, event: isReused ? 'resume' : 'init' }, tokens)
          },
        )
      } catch (error) {
        if (error instanceof AppError) return { refused: error }
        throw error
      }
    })
    if ('open' in outcome) return toGrant(outcome.open, tokens)
    if ('refused' in outcome) throw outcome.refused
    assertInside(want, outcome.toCheck.object.sizeBytes)
    await lookFor(needs, outcome.toCheck)
    storedSha256 = outcome.toCheck.object.sha256
  }
  throw new AppError('server-busy')
}

interface IssuedToken extends HashedToken {
  readonly token: string
}

function issueTokens(random: Random, ranges: readonly ByteRange[]): IssuedToken[] {
  return ranges.map((range) => {
    const token = newToken(random)
    return { token, hash: tokenHash(token), range }
  })
}

/** A store of files is asked at once; one behind a network not while a transaction waits. */
async function isStored(
  needs: InitNeeds,
  { want }: Input,
  deliverable: Deliverable,
  knownSha256: string | null,
): Promise<boolean> {
  const { object } = deliverable
  if (object.sha256 === knownSha256) return true
  if (needs.objects.open === undefined) return false
  assertInside(want, object.sizeBytes)
  await lookFor(needs, deliverable)
  return true
}

async function lookFor({ objects, log, requestId }: InitNeeds, deliverable: Deliverable): Promise<void> {
  await assertStored(objects, deliverable).catch((error: unknown) => {
    const { sha256 } = deliverable.object
    log.error({ requestId, sha256, err: error }, 'a file that is sold can not be delivered')
    throw error
  })
}

function toGrant(
  { attempt, isReused, isRepair, object, contents, attemptsLeft, quotaLeft }: OpenAttempt,
  tokens: readonly IssuedToken[],
): DownloadGrant {
  return {
    attempt: {
      id: attempt.id,
      state: attempt.state,
      isReused,
      isRepair,
      closesAt: new Date(attempt.closesAt).toISOString(),
      bytesServed: attempt.bytesServed,
      byteBudget: attempt.byteBudget,
    },
    object: {
      sizeBytes: object.sizeBytes,
      etag: `"sha256-${object.sha256}"`,
      sha256: object.sha256,
      segmentSize: object.segmentSize,
      segmentSha256: [...object.segmentSha256],
      segmentRoot: object.segmentRoot,
      audioSha256: object.audioSha256,
      fileName: object.fileName,
      mimeType: object.mimeType,
    },
    tokens: tokens.map(({ token, range }) => ({ token, range, expiresInSeconds: TOKEN_SECONDS })),
    entitlement: { source: attempt.source, attemptsLeft, quotaLeft },
    contents: contents === null ? null : [...contents],
  }
}

/** The ranges as the file has them. Throws `overlapping-ranges`, `range-not-satisfiable`. */
function assertInside(want: readonly ByteRange[], sizeBytes: number): readonly ByteRange[] {
  const clamped = clampedRanges(want, sizeBytes)
  if ('fault' in clamped) throw new AppError(clamped.fault)
  return clamped.ranges
}

/** Does not fail: the refusal stands whether or not it could be recorded. */
async function recordRefusal(needs: InitNeeds, { code }: AppError): Promise<void> {
  const { transactAsServer, caller, log, requestId } = needs
  const { userId, device, address } = caller
  const entry = { event: 'refused', reason: `init: ${code}`, userId, deviceId: device?.id ?? null, address } as const
  await transactAsServer((tx) => insertLog(tx, entry)).catch((error: unknown) =>
    log.error({ err: error, requestId, refusal: code }, 'a refused download could not be recorded'),
  )
}

import type { Output, Parsed } from '../../../contract/call.ts'
import type { DownloadGrant, delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import type { ByteRange } from '../../../contract/values.ts'
import { callersDevice, type Needs, phased, signedIn } from '../../context.ts'
import { asServer, type PrivilegedTransaction } from '../../db/transaction.ts'
import { takeWithin } from '../../rate-limits/buckets.ts'
import { newToken, tokenHash } from './download-token.ts'
import { insertLog } from './log-rows.ts'
import { type OpenAttempt, openAttempt } from './open-attempt.ts'
import { clampedRanges } from './range-rules.ts'
import { rebind } from './rebind.ts'
import { TOKEN_SECONDS } from './rules.ts'
import { assertStored, type Deliverable } from './stored-object.ts'
import { insertTokens } from './token-rows.ts'

type InitNeeds = Needs<'transact' | 'caller' | 'clock' | 'random' | 'objects' | 'log' | 'requestId'>
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

async function grant(needs: InitNeeds, input: Input): Promise<DownloadGrant> {
  const { transact, caller, clock } = needs
  const { userId } = signedIn(caller)
  const { contentType, contentId, attemptId, format, want } = input
  const { id: deviceId } = callersDevice(caller)
  const ref = { contentType, contentId }
  let storedSha256: string | null = null
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const known: string | null = storedSha256
    const outcome = await transact((tx) =>
      asServer(tx, async (server) => {
        // A refusal is an answer here, so that what was settled and counted on the way is kept.
        try {
          if (look === 0) await takeTokens(server, deviceId, want.length, clock.now())
          const request = { userId, ref, deviceId, attemptId, format, want, now: clock.now() }
          const found = await openAttempt(server, request, (deliverable) => isStored(needs, input, deliverable, known))
          return 'open' in found ? { granted: await issue(server, needs, input, found.open) } : found
        } catch (error) {
          if (error instanceof AppError) return { refused: error }
          throw error
        }
      }),
    )
    if ('granted' in outcome) return outcome.granted
    if ('refused' in outcome) throw outcome.refused
    assertInside(want, outcome.toCheck.object.sizeBytes)
    await lookFor(needs, outcome.toCheck)
    storedSha256 = outcome.toCheck.object.sha256
  }
  throw new AppError('server-busy')
}

/** Counts the tokens of a call against its device's limit; the count is kept when the call is refused. */
async function takeTokens(tx: PrivilegedTransaction, deviceId: string, count: number, now: number): Promise<void> {
  if (count === 0) return
  const limited = await takeWithin(tx, { name: 'tokens-by-device', key: deviceId }, count, now)
  if (limited !== null) throw limited
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

async function issue(
  tx: PrivilegedTransaction,
  { caller, clock, random }: InitNeeds,
  { want }: Input,
  open: OpenAttempt,
): Promise<DownloadGrant> {
  const { attempt, isReused, isRepair, object, contents } = open
  const { signedInAt } = signedIn(caller)
  const { address } = caller
  const ranges = assertInside(want, object.sizeBytes)
  if (isReused) await rebind(tx, attempt, { address, signedInAt, now: clock.now() })
  const tokens = ranges.map((range) => ({ token: newToken(random), range }))
  const hashed = tokens.map(({ token, range }) => ({ hash: tokenHash(token), range }))
  await insertTokens(tx, attempt, { address, isRepair, event: isReused ? 'resume' : 'init' }, hashed)
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
    entitlement: { source: attempt.source, attemptsLeft: open.attemptsLeft, quotaLeft: open.quotaLeft },
    contents: contents === null ? null : [...contents],
  }
}

/** The ranges as the file has them. Throws `overlapping-ranges`, `range-not-satisfiable`. */
function assertInside(want: readonly ByteRange[], sizeBytes: number): readonly ByteRange[] {
  const clamped = clampedRanges(want, sizeBytes)
  if ('fault' in clamped) throw new AppError(clamped.fault)
  return clamped.ranges
}

async function recordRefusal({ transact, caller }: InitNeeds, { code }: AppError): Promise<void> {
  const { userId, device, address } = caller
  await transact((tx) =>
    asServer(tx, (server) =>
      insertLog(server, { event: 'refused', reason: `init: ${code}`, userId, deviceId: device?.id ?? null, address }),
    ),
  )
}

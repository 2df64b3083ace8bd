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
import { assertStored } from './stored-object.ts'
import { insertTokens } from './token-rows.ts'

type InitNeeds = Needs<'transact' | 'caller' | 'clock' | 'random' | 'objects' | 'log' | 'requestId'>
type Input = Parsed<typeof delivery.init>

/** Between looking at the store and charging, the content may get another file; then the look is repeated. */
const MOST_LOOKS = 3

export const init = phased(async function init(needs: InitNeeds, input: Input): Promise<Output<typeof delivery.init>> {
  try {
    await takeTokens(needs, input.want.length)
    return await grant(needs, input)
  } catch (error) {
    if (error instanceof AppError) await recordRefusal(needs, error)
    throw error
  }
})

/** Counts the tokens of a call against its device's limit, and keeps the count when the call is refused. */
async function takeTokens({ transact, caller, clock }: InitNeeds, count: number): Promise<void> {
  if (count === 0) return
  const bucket = { name: 'tokens-by-device', key: callersDevice(caller).id } as const
  const limited = await transact((tx) => asServer(tx, (server) => takeWithin(server, bucket, count, clock.now())))
  if (limited !== null) throw limited
}

async function grant(needs: InitNeeds, input: Input): Promise<DownloadGrant> {
  const { transact, caller, clock, objects, log, requestId } = needs
  const { userId } = signedIn(caller)
  const { contentType, contentId, attemptId, format, want } = input
  const { id: deviceId } = callersDevice(caller)
  let storedSha256: string | null = null
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    const known: string | null = storedSha256
    const outcome = await transact((tx) =>
      asServer(tx, async (server) => {
        // A refusal is an answer here, so that what was settled on the way is kept.
        try {
          const ref = { contentType, contentId }
          const request = { userId, ref, deviceId, attemptId, format, want, now: clock.now() }
          const found = await openAttempt(server, request, async ({ object }) => object.sha256 === known)
          return 'open' in found ? { granted: await issue(server, needs, input, found.open) } : found
        } catch (error) {
          if (error instanceof AppError) return { refused: error }
          throw error
        }
      }),
    )
    if ('granted' in outcome) return outcome.granted
    if ('refused' in outcome) throw outcome.refused
    const { object } = outcome.toCheck
    assertInside(want, object.sizeBytes)
    await assertStored(objects, outcome.toCheck).catch((error: unknown) => {
      log.error({ requestId, sha256: object.sha256, err: error }, 'a file that is sold can not be delivered')
      throw error
    })
    storedSha256 = object.sha256
  }
  throw new AppError('server-busy')
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
  if (hashed.length > 0) await insertTokens(tx, attempt, address, isRepair, hashed)
  const { userId, deviceId, id: attemptId } = attempt
  await insertLog(tx, { event: isReused ? 'resume' : 'init', userId, deviceId, attemptId, address })
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

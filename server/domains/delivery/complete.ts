import type { Output, Parsed } from '../../../contract/call.ts'
import type { delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import { callersDevice, type Needs, phased, signedIn } from '../../context.ts'
import { markDelivered } from './attempt-rows.ts'
import { insertLog } from './log-rows.ts'
import { lockOwnAttempt } from './own-attempt.ts'
import { completionOf } from './rules.ts'

type CompleteNeeds = Needs<'transactAsServer' | 'caller' | 'log' | 'requestId'>

export const complete = phased(async function complete(
  { transactAsServer, caller, log, requestId }: CompleteNeeds,
  { attemptId, segmentRoot }: Parsed<typeof delivery.complete>,
): Promise<Output<typeof delivery.complete>> {
  const { userId } = signedIn(caller)
  const { id: deviceId } = callersDevice(caller)
  const { address } = caller
  const outcome = await transactAsServer(async (tx) => {
    const { attempt, segmentRoot: ours } = await lockOwnAttempt(tx, attemptId, { userId, deviceId })
    const completion = completionOf(attempt.state, ours !== null && segmentRoot === ours)
    if ('state' in completion && completion.isNew) await markDelivered(tx, attemptId, address)
    return { ...completion, sha256: attempt.objectSha256 }
  })
  if ('state' in outcome) return { state: outcome.state }
  const { refusal, sha256 } = outcome
  if (refusal === 'hash-mismatch')
    log.error({ requestId, attemptId, sha256, segmentRoot }, 'a client holds other bytes than the store')
  await transactAsServer((tx) =>
    insertLog(tx, { event: 'refused', reason: `complete: ${refusal}`, userId, deviceId, attemptId, address }),
  )
  throw new AppError(refusal)
})

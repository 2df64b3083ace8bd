import type { Output, Parsed } from '../../../contract/call.ts'
import type { delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import { callersDevice, type Needs, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { markDelivered } from './attempt-rows.ts'
import { insertLog } from './log-rows.ts'
import { selectPinnedObject } from './object-rows.ts'
import { lockOwnAttempt } from './own-attempt.ts'
import { completionOf } from './rules.ts'

export async function complete(
  { tx, afterwards, caller, log, requestId }: Needs<'tx' | 'afterwards' | 'caller' | 'log' | 'requestId'>,
  { attemptId, segmentRoot }: Parsed<typeof delivery.complete>,
): Promise<Output<typeof delivery.complete>> {
  const { userId } = signedIn(caller)
  const { id: deviceId } = callersDevice(caller)
  const { address } = caller
  return asServer(tx, async (server) => {
    const attempt = await lockOwnAttempt(server, attemptId, { userId, deviceId })
    const pinned = await selectPinnedObject(server, attempt.objectSha256)
    const completion = completionOf(attempt.state, segmentRoot === pinned?.object.segmentRoot)
    if ('refusal' in completion) {
      const { refusal } = completion
      if (refusal === 'hash-mismatch')
        log.error(
          { requestId, attemptId, sha256: attempt.objectSha256, segmentRoot },
          'a client holds other bytes than the store',
        )
      afterwards((later) =>
        asServer(later, (log2) =>
          insertLog(log2, { event: 'refused', reason: `complete: ${refusal}`, userId, deviceId, attemptId, address }),
        ),
      )
      throw new AppError(refusal)
    }
    if (completion.isNew) {
      await markDelivered(server, attemptId)
      await insertLog(server, { event: 'completed', userId, deviceId, attemptId, address, bytes: attempt.bytesServed })
    }
    return { state: completion.state }
  })
}

import type { Output, Parsed } from '../../../contract/call.ts'
import type { delivery } from '../../../contract/delivery.ts'
import { callersDevice, type Needs, signedIn } from '../../context.ts'
import { asServer } from '../../db/transaction.ts'
import { lockOwnAttempt } from './own-attempt.ts'
import { isOpen } from './rules.ts'
import { settleAttempt } from './settle-attempt.ts'

/** Cancelling what has ended already changes nothing and answers how it ended. */
export async function cancel(
  { tx, caller, clock, streams }: Needs<'tx' | 'caller' | 'clock' | 'streams'>,
  { attemptId }: Parsed<typeof delivery.cancel>,
): Promise<Output<typeof delivery.cancel>> {
  const { userId } = signedIn(caller)
  const { id: deviceId } = callersDevice(caller)
  return asServer(tx, async (server) => {
    const { attempt } = await lockOwnAttempt(server, attemptId, { userId, deviceId })
    if (!isOpen(attempt)) return { state: attempt.state }
    // The lock holds the counter still: a stream of another process learns at its next block that it is closed.
    streams.endOfAttempt(attemptId)
    const { state } = await settleAttempt(server, attempt, 'cancelled', clock.now())
    return { state }
  })
}

import type { Output, Parsed } from '../../../contract/call.ts'
import type { Completion, CompletionRefusal, delivery } from '../../../contract/delivery.ts'
import { callersDevice, type Needs, phased, signedIn } from '../../context.ts'
import { lockOwn, markDelivered } from './attempt-rows.ts'
import { insertLog } from './log-rows.ts'
import { completionOf } from './rules.ts'

export type CompleteNeeds = Needs<'transactAsServer' | 'caller' | 'log' | 'requestId'>

export const completeMany = phased(async function completeMany(
  needs: CompleteNeeds,
  { files }: Parsed<typeof delivery.completeMany>,
): Promise<Output<typeof delivery.completeMany>> {
  return { files: await deliver(needs, files) }
})

/**
 * Makes the attempts delivered whose files have arrived, in one transaction, and says for each, in their order, why it is not; what is
 * refused is on record.
 */
export async function deliver(
  { transactAsServer, caller, log, requestId }: CompleteNeeds,
  files: readonly Completion[],
): Promise<{ attemptId: string; refusal: CompletionRefusal | null }[]> {
  const { userId } = signedIn(caller)
  const { id: deviceId } = callersDevice(caller)
  const { address } = caller
  const outcomes = await transactAsServer(async (tx) => {
    const ids = files.map(({ attemptId }) => attemptId)
    const owned = new Map((await lockOwn(tx, ids, { userId, deviceId })).map((own) => [own.attempt.id, own]))
    const completions = files.map(({ attemptId, segmentRoot }) => {
      const own = owned.get(attemptId)
      const isWhole = own !== undefined && own.segmentRoot === segmentRoot
      return { attemptId, segmentRoot, ...completionOf(own?.attempt.state ?? null, isWhole) }
    })
    const arrived = completions.filter(({ isNew }) => isNew).map(({ attemptId }) => attemptId)
    if (arrived.length > 0) await markDelivered(tx, arrived, address)
    return completions
  })
  const refused = outcomes.filter(({ refusal }) => refusal === 'hash-mismatch' || refusal === 'attempt-closed')
  for (const { attemptId, segmentRoot, refusal } of refused)
    if (refusal === 'hash-mismatch')
      log.error({ requestId, attemptId, segmentRoot }, 'a client holds other bytes than the store')
  if (refused.length > 0)
    await transactAsServer(async (tx) => {
      for (const { attemptId, refusal } of refused)
        await insertLog(tx, { event: 'refused', reason: `complete: ${refusal}`, userId, deviceId, attemptId, address })
    }).catch((error: unknown) => log.error({ err: error, requestId }, 'a refused arrival could not be recorded'))
  return outcomes.map(({ attemptId, refusal }) => ({ attemptId, refusal }))
}

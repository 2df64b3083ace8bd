import { AppError } from '../../../contract/errors.ts'
import type { PrivilegedTransaction } from '../../db/transaction.ts'
import { raiseFlag } from '../audit/public.ts'
import type { Attempt } from './attempt.ts'
import { updateNetworks } from './attempt-rows.ts'
import { countNetworks, countRebind, insertLog, selectNetwork, selectRebindsToday } from './log-rows.ts'
import { ALTERNATION_MS, chooseNetworks, looksCopied, REBINDS_PER_DAY } from './network-rules.ts'

/** Lets the network of a request fetch an attempt, when it may be added; tokens that are out stay valid. Throws `rebind-limit`. */
export async function rebind(
  tx: PrivilegedTransaction,
  attempt: Attempt,
  { address, signedInAt, now }: { address: string; signedInAt: number; now: number },
): Promise<void> {
  const { id, userId, deviceId } = attempt
  const { home, family } = await selectNetwork(tx, address)
  const known = attempt.networks[family]
  if (known.length === 0 || known.includes(home)) return
  const rebindsToday = await selectRebindsToday(tx, userId)
  const choice = chooseNetworks({ known, home, rebindsOfAttempt: attempt.rebinds, rebindsToday, signedInAt, now })
  if (choice.kind === 'known') return
  if (choice.kind === 'refused') throw new AppError('rebind-limit')
  if (!(await countRebind(tx, userId, { isReset: choice.isReset, most: REBINDS_PER_DAY })))
    throw new AppError('rebind-limit')
  await updateNetworks(tx, id, family, choice)
  await insertLog(tx, { event: 'rebind', userId, deviceId, attemptId: id, address })
  const networks = await countNetworks(tx, { userId, deviceId }, ALTERNATION_MS)
  if (looksCopied(networks))
    await raiseFlag(tx, {
      kind: 'ip_alternation',
      severity: 'medium',
      userId,
      deviceId,
      address,
      details: { networks },
    })
}

import type { Output, Parsed } from '../../../contract/call.ts'
import type { delivery } from '../../../contract/delivery.ts'
import { AppError } from '../../../contract/errors.ts'
import { phased } from '../../context.ts'
import { type CompleteNeeds, deliver } from './complete-many.ts'

export const complete = phased(async function complete(
  needs: CompleteNeeds,
  file: Parsed<typeof delivery.complete>,
): Promise<Output<typeof delivery.complete>> {
  const [outcome] = await deliver(needs, [file])
  if (outcome?.refusal != null) throw new AppError(outcome.refusal)
  return { state: 'delivered' }
})

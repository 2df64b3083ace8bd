import type { Parsed } from '../../../contract/call.ts'
import type { crates } from '../../../contract/crates.ts'
import { type Needs, signedIn } from '../../context.ts'
import { deleteCrate } from './rows.ts'

/** Asking again for a crate that is gone is no error: it is what was asked for. */
export async function deleteRecord(
  { tx, caller }: Needs<'tx' | 'caller'>,
  { crateId }: Parsed<typeof crates.deleteRecord>,
) {
  await deleteCrate(tx, signedIn(caller).userId, crateId)
  return { done: true as const }
}

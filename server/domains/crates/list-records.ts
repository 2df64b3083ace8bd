import { type Needs, signedIn } from '../../context.ts'
import { toCrateRecord } from './crate-record.ts'
import { selectCrates } from './rows.ts'

export async function listRecords({ tx, caller }: Needs<'tx' | 'caller'>) {
  const rows = await selectCrates(tx, signedIn(caller).userId)
  return { crates: rows.map(toCrateRecord) }
}

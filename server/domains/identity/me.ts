import type { Account } from '../../../contract/identity.ts'
import { type Needs, signedIn } from '../../context.ts'
import { activeAccount } from './public.ts'

export async function me({ tx, caller }: Needs<'tx' | 'caller'>): Promise<Account> {
  return activeAccount(tx, signedIn(caller).userId)
}

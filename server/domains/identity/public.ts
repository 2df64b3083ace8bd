import { AppError } from '../../../contract/errors.ts'
import type { Account } from '../../../contract/identity.ts'
import { asServer, type ServerTransaction } from '../../db/transaction.ts'
import { findAccount, findAccountWithEmail } from './rows.ts'

/** The account, read with the rights of `tx`. Throws `session-expired` when it is gone and `account-suspended` when it may not act. */
export async function activeAccount(tx: ServerTransaction, userId: string): Promise<Account> {
  const account = await findAccount(tx, userId)
  if (account === undefined) throw new AppError('session-expired')
  if (account.status !== 'active') throw new AppError('account-suspended')
  return account
}

/** The account with this address, whoever asks: for the server's own commands. Throws `not-found`. */
export async function accountWithEmail(tx: ServerTransaction, email: string): Promise<Account> {
  const account = await asServer(tx, (server) => findAccountWithEmail(server, email))
  if (account === undefined) throw new AppError('not-found', 'There is no account with that e-mail address.')
  return account
}

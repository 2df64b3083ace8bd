import { asLocalSignIn } from '../../db/transaction.ts'
import { hashPassword } from './password-hash.ts'
import { findUserWithEmail, insertUser } from './rows.ts'
import type { SignInServices } from './services.ts'

/** An account that a local server starts out with, such as the demo's. */
export interface LocalAccount {
  readonly id: string
  readonly email: string
  /** Null: nobody can sign in with a password. */
  readonly password: string | null
  readonly fullName: string | null
}

/** Makes the account unless its address is taken; answers its id either way. Local mode only. */
export async function ensureLocalAccount(
  { db, clock, random }: Pick<SignInServices, 'db' | 'clock' | 'random'>,
  { id, email, password, fullName }: LocalAccount,
): Promise<string> {
  const address = email.toLowerCase()
  const existing = await asLocalSignIn(db, (tx) => findUserWithEmail(tx, address))
  if (existing !== undefined) return existing.id
  const passwordHash = password === null ? null : await hashPassword(password, random)
  const userMetadata = fullName === null ? {} : { full_name: fullName }
  const now = new Date(clock.now())
  return asLocalSignIn(
    db,
    async (tx) => {
      const user = await insertUser(tx, { id, email: address, passwordHash, provider: 'email', userMetadata, now })
      return (user ?? (await findUserWithEmail(tx, address)))?.id ?? id
    },
    { clock },
  )
}

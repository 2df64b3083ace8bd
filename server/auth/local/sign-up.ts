import { z } from 'zod'
import { asLocalSignIn, type ServerTransaction } from '../../db/transaction.ts'
import { assertChoosable, EmailInput, MetadataInput, PasswordInput, readFields } from './credentials.ts'
import { limitAttempts } from './limits.ts'
import { hashPassword, isPasswordRight } from './password-hash.ts'
import { findUserWithEmail, insertUser } from './rows.ts'
import type { SignInOrigin, SignInServices } from './services.ts'
import { beginSession } from './sessions.ts'
import { userJson } from './user-json.ts'

const Input = z.object({ email: EmailInput, password: PasswordInput, data: MetadataInput.nullish() })

/**
 * Makes an account and begins a session. For an address that has an account it answers as Supabase Auth does: with the
 * session if the password is that account's, else with a made-up user and no session, and its owner gets a mail.
 */
export async function signUp(services: SignInServices, origin: SignInOrigin, body: unknown): Promise<object> {
  const { email, password, data } = readFields(Input, body)
  assertChoosable(password)
  return limitAttempts(services, origin, { name: 'sign-in-by-account', key: email }, async () => {
    const { db, clock, random } = services
    const known = await asLocalSignIn(db, (tx) => findUserWithEmail(tx, email))
    if (known !== undefined) {
      const isProven = await isPasswordRight(password, known.passwordHash)
      if (!isProven) return { answer: await refuseQuietly(services, email), isProven }
      const begin = (tx: ServerTransaction) => beginSession(services, tx, known.id, 'password', origin)
      return { answer: await asLocalSignIn(db, begin, { clock }), isProven }
    }
    const passwordHash = await hashPassword(password, random)
    const now = new Date(clock.now())
    const user = { id: random.uuid(), email, passwordHash, provider: 'email', userMetadata: data ?? {}, now } as const
    const session = await asLocalSignIn(
      db,
      async (tx) => {
        const made = await insertUser(tx, user)
        return made === undefined ? null : beginSession(services, tx, made.id, 'password', origin)
      },
      { clock },
    )
    // Counted also when it succeeds: accounts shall not be made by the thousand.
    return { answer: session ?? (await refuseQuietly(services, email)), isProven: false }
  })
}

async function refuseQuietly({ mailer, clock, random }: SignInServices, email: string): Promise<object> {
  await mailer.send({
    to: email,
    subject: 'You already have a MixMint account',
    text: 'Somebody tried to sign up with this e-mail address, which has an account already.\n\nIf it was you, sign in instead, or choose a new password with "Forgot password?". If not, there is nothing to do.',
  })
  const now = new Date(clock.now())
  const nobody = {
    ...{ id: random.uuid(), email, passwordHash: null, emailConfirmedAt: null, lastSignInAt: null },
    ...{ appMetadata: { provider: 'email', providers: ['email'] }, userMetadata: {}, createdAt: now, updatedAt: now },
  }
  return userJson(nobody, [])
}

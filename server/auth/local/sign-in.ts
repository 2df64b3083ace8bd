import { z } from 'zod'
import { asLocalSignIn, type ServerTransaction } from '../../db/transaction.ts'
import { exchangeCode } from './code-flow.ts'
import { EmailInput, PasswordInput, readFields } from './credentials.ts'
import { limitAttempts } from './limits.ts'
import { isPasswordRight } from './password-hash.ts'
import { findUserWithEmail } from './rows.ts'
import type { SignInOrigin, SignInServices } from './services.ts'
import { beginSession, refreshSession } from './sessions.ts'
import { SignInError } from './sign-in-error.ts'

const PasswordGrant = z.object({ email: EmailInput, password: PasswordInput })
const RefreshGrant = z.object({ refresh_token: z.string().min(1).max(200) })
const CodeGrant = z.object({ auth_code: z.string().min(1).max(200), code_verifier: z.string().min(1).max(200) })

/** `POST /token`: a session for a password, a refresh token, or the code of a browser round trip. */
export async function grantSession(
  services: SignInServices,
  origin: SignInOrigin,
  grantType: unknown,
  body: unknown,
): Promise<object> {
  if (grantType === 'password') return signInWithPassword(services, origin, readFields(PasswordGrant, body))
  if (grantType === 'refresh_token') return refreshSession(services, readFields(RefreshGrant, body).refresh_token)
  if (grantType === 'pkce') {
    const { auth_code, code_verifier } = readFields(CodeGrant, body)
    return exchangeCode(services, origin, { code: auth_code, verifier: code_verifier })
  }
  throw new SignInError('validation_failed', 'That grant type is not supported.')
}

async function signInWithPassword(
  services: SignInServices,
  origin: SignInOrigin,
  { email, password }: z.output<typeof PasswordGrant>,
): Promise<object> {
  return limitAttempts(services, origin, { name: 'sign-in-by-account', key: email }, async () => {
    const { db, clock } = services
    const user = await asLocalSignIn(db, (tx) => findUserWithEmail(tx, email))
    const isRight = await isPasswordRight(password, user?.passwordHash ?? null)
    if (user === undefined || !isRight) throw new SignInError('invalid_credentials', 'Invalid login credentials')
    const begin = (tx: ServerTransaction) => beginSession(services, tx, user.id, 'password', origin)
    return { answer: await asLocalSignIn(db, begin, { clock }), isProven: true }
  })
}

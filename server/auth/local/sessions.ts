import { SignJWT } from 'jose'
import type { ServerTransaction } from '../../db/transaction.ts'
import { asLocalSignIn } from '../../db/transaction.ts'
import { signingKeys } from '../signing-keys.ts'
import { sessionIssuer } from '../verify-session.ts'
import { digest } from './digest.ts'
import {
  deleteSessions,
  findIdentities,
  findUser,
  insertRefreshToken,
  insertSession,
  lockRefreshToken,
  markRefreshTokenUsed,
  type SessionRow,
} from './rows.ts'
import type { SignInOrigin, SignInServices } from './services.ts'
import { SignInError } from './sign-in-error.ts'
import { userJson } from './user-json.ts'

/** How long a session token works before it must be refreshed, seconds. */
const EXPIRES_IN_SECONDS = 3600
/** A refresh token that comes again this soon is a client that lost the answer, ms; later it is a copy. */
const REUSE_WINDOW_MS = 10_000

export type SignInMethod = 'password' | 'oauth' | 'otp' | 'recovery'

/** Begins a session of a user and gives its tokens, as Supabase Auth answers a sign-in. */
export async function beginSession(
  services: SignInServices,
  tx: ServerTransaction,
  userId: string,
  method: SignInMethod,
  { address, userAgent }: SignInOrigin,
): Promise<object> {
  const id = services.random.uuid()
  const now = new Date(services.clock.now())
  await insertSession(tx, { id, userId, method, address, userAgent, now })
  return issueTokens(services, tx, { id, userId, method, begunAt: now }, null)
}

/**
 * Exchanges a refresh token for the next one. A token that comes again later than the answer to it could have been lost
 * was copied, so the whole session ends. Throws `refresh_token_not_found`, `refresh_token_already_used`.
 */
export async function refreshSession(services: SignInServices, refreshToken: string): Promise<object> {
  const { db, clock } = services
  const refresh = async (tx: ServerTransaction): Promise<object | SignInError> => {
    const hash = digest(refreshToken)
    const now = clock.now()
    const known = await lockRefreshToken(tx, hash)
    if (known === undefined)
      return new SignInError('refresh_token_not_found', 'Invalid Refresh Token: Refresh Token Not Found')
    if (known.usedAt !== null && now - known.usedAt.getTime() > REUSE_WINDOW_MS) {
      await deleteSessions(tx, known.userId, { only: known.id })
      return new SignInError('refresh_token_already_used', 'Invalid Refresh Token: Already Used')
    }
    await markRefreshTokenUsed(tx, known.tokenId, new Date(now))
    return issueTokens(services, tx, known, hash)
  }
  // The end of a session is committed before it is told.
  const outcome = await asLocalSignIn(db, refresh, { clock })
  if (outcome instanceof SignInError) throw outcome
  return outcome
}

async function issueTokens(
  { config, clock, random, secrets }: SignInServices,
  tx: ServerTransaction,
  session: SessionRow,
  parentHash: string | null,
): Promise<object> {
  const user = await findUser(tx, session.userId)
  if (user === undefined) throw new SignInError('user_not_found', 'User from the session does not exist')
  const now = clock.now()
  const refreshToken = random.bytes(24).toString('base64url')
  await insertRefreshToken(tx, {
    ...{ hash: digest(refreshToken), parentHash, sessionId: session.id, userId: user.id, now: new Date(now) },
  })
  const issuedAt = Math.floor(now / 1000)
  const expiresAt = issuedAt + EXPIRES_IN_SECONDS
  const [{ kid, privateKey }] = await signingKeys(secrets)
  const accessToken = await new SignJWT({
    ...{ email: user.email, phone: '', app_metadata: user.appMetadata, user_metadata: user.userMetadata },
    ...{ role: 'authenticated', aal: 'aal1', session_id: session.id, is_anonymous: false },
    amr: [{ method: session.method, timestamp: Math.floor(session.begunAt.getTime() / 1000) }],
  })
    .setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
    .setIssuer(sessionIssuer(config))
    .setSubject(user.id)
    .setAudience('authenticated')
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(privateKey)
  return {
    access_token: accessToken,
    token_type: 'bearer',
    expires_in: EXPIRES_IN_SECONDS,
    expires_at: expiresAt,
    refresh_token: refreshToken,
    user: userJson(user, await findIdentities(tx, user.id)),
  }
}

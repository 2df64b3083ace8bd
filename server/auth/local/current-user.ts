import { z } from 'zod'
import { asLocalSignIn, type ServerTransaction } from '../../db/transaction.ts'
import { bearerToken, createSessionVerifier, type SessionClaims } from '../verify-session.ts'
import { assertChoosable, MetadataInput, PasswordInput, readFields } from './credentials.ts'
import { hashPassword, isPasswordRight } from './password-hash.ts'
import { deleteSessions, findIdentities, findSession, findUser, type UserRow, updateUser } from './rows.ts'
import type { SignInServices } from './services.ts'
import { SignInError } from './sign-in-error.ts'
import { userJson } from './user-json.ts'

/** `GET /user`. */
export async function showUser(services: SignInServices, authorization: string | undefined): Promise<object> {
  return inSession(services, authorization, async (tx, user) => userJson(user, await findIdentities(tx, user.id)))
}

const Changes = z.object({
  password: PasswordInput.nullish(),
  data: MetadataInput.nullish(),
  email: z.null().optional(),
})

/** `PUT /user`: a new password, which ends every other session of the account, or metadata. Throws `weak_password`, `same_password`. */
export async function changeUser(
  services: SignInServices,
  authorization: string | undefined,
  body: unknown,
): Promise<object> {
  const { password, data } = readFields(Changes, body)
  const { user, claims } = await inSession(services, authorization, async (_tx, user, claims) => ({ user, claims }))
  if (password != null) {
    assertChoosable(password)
    if (await isPasswordRight(password, user.passwordHash))
      throw new SignInError('same_password', 'New password should be different from the old password.')
  }
  const passwordHash = password == null ? undefined : await hashPassword(password, services.random)
  return inSession(services, authorization, async (tx) => {
    await updateUser(tx, user.id, {
      passwordHash,
      userMetadata: data ?? undefined,
      now: new Date(services.clock.now()),
    })
    if (passwordHash !== undefined) await deleteSessions(tx, user.id, { except: claims.sessionId })
    return userJson((await findUser(tx, user.id)) ?? user, await findIdentities(tx, user.id))
  })
}

/** `POST /logout`: ends this session, the others, or all. */
export async function signOut(
  services: SignInServices,
  authorization: string | undefined,
  scope: string | undefined,
): Promise<void> {
  await inSession(services, authorization, async (tx, user, { sessionId }) => {
    const which = scope === 'local' ? { only: sessionId } : scope === 'others' ? { except: sessionId } : 'all'
    await deleteSessions(tx, user.id, which)
  })
}

/** Runs `work` for the user of a live session. Throws `no_authorization`, `bad_jwt`, `session_not_found`. */
async function inSession<T>(
  services: SignInServices,
  authorization: string | undefined,
  work: (tx: ServerTransaction, user: UserRow, claims: SessionClaims) => Promise<T>,
): Promise<T> {
  const claims = await readSession(services, authorization)
  const { db, clock } = services
  return asLocalSignIn(
    db,
    async (tx) => {
      const session = await findSession(tx, { id: claims.sessionId, userId: claims.userId, now: new Date(clock.now()) })
      const user = session === undefined ? undefined : await findUser(tx, claims.userId)
      if (user === undefined)
        throw new SignInError('session_not_found', 'Session from session_id claim in JWT does not exist')
      return work(tx, user, claims)
    },
    { clock },
  )
}

async function readSession(services: SignInServices, authorization: string | undefined): Promise<SessionClaims> {
  const token = /^bearer /i.test(authorization ?? '') ? bearerToken(authorization) : null
  if (token === null) throw new SignInError('no_authorization', 'This endpoint requires a valid Bearer token')
  try {
    return await createSessionVerifier(services.config, services).verify(token)
  } catch {
    throw new SignInError('bad_jwt', 'invalid JWT: unable to parse or verify signature')
  }
}

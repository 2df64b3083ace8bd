import { sql } from 'kysely'
import type { ServerTransaction } from '../../db/transaction.ts'

export interface UserRow {
  readonly id: string
  readonly email: string
  readonly passwordHash: string | null
  readonly emailConfirmedAt: Date | null
  readonly lastSignInAt: Date | null
  readonly appMetadata: Record<string, unknown>
  readonly userMetadata: Record<string, unknown>
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface IdentityRow {
  readonly id: string
  readonly providerId: string
  readonly provider: string
  readonly data: Record<string, unknown>
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lastSignInAt: Date | null
}

const USER = sql.raw(`id, email, encrypted_password as "passwordHash", email_confirmed_at as "emailConfirmedAt",
  last_sign_in_at as "lastSignInAt", raw_app_meta_data as "appMetadata", raw_user_meta_data as "userMetadata",
  created_at as "createdAt", updated_at as "updatedAt"`)

export async function findUser(tx: ServerTransaction, id: string): Promise<UserRow | undefined> {
  const { rows } = await sql<UserRow>`select ${USER} from auth.users where id = ${id}`.execute(tx)
  return rows[0]
}

export async function findUserWithEmail(tx: ServerTransaction, email: string): Promise<UserRow | undefined> {
  const { rows } = await sql<UserRow>`
    select ${USER} from auth.users where email = ${email} and not is_sso_user`.execute(tx)
  return rows[0]
}

export interface NewUser {
  readonly id: string
  readonly email: string
  readonly passwordHash: string | null
  readonly provider: 'email' | 'google'
  readonly userMetadata: Readonly<Record<string, unknown>>
  readonly now: Date
}

/** Inserts the user with its identity; undefined when the address is taken. */
export async function insertUser(tx: ServerTransaction, user: NewUser): Promise<UserRow | undefined> {
  const { id, email, passwordHash, provider, userMetadata, now } = user
  const appMetadata = JSON.stringify({ provider, providers: [provider] })
  const { rows } = await sql<UserRow>`
    insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
    values (${id}, ${email}, ${passwordHash}, ${now}, ${appMetadata}, ${JSON.stringify(userMetadata)}, ${now}, ${now})
    on conflict (email) where is_sso_user = false do nothing
    returning ${USER}`.execute(tx)
  const [row] = rows
  if (row === undefined) return undefined
  const data = JSON.stringify({ sub: id, email, email_verified: true })
  const providerId = provider === 'email' ? id : `sandbox:${email}`
  await tx
    .insertInto('auth.identities')
    .values({
      ...{ user_id: id, provider_id: providerId, provider, identity_data: data },
      ...{ created_at: now, updated_at: now, last_sign_in_at: now },
    })
    .execute()
  return row
}

export async function findIdentities(tx: ServerTransaction, userId: string): Promise<IdentityRow[]> {
  const { rows } = await sql<IdentityRow>`
    select id, provider_id as "providerId", provider, identity_data as "data", created_at as "createdAt",
      updated_at as "updatedAt", last_sign_in_at as "lastSignInAt"
    from auth.identities where user_id = ${userId} order by created_at, id`.execute(tx)
  return rows
}

/** Changes what is not undefined. Metadata is merged. */
export async function updateUser(
  tx: ServerTransaction,
  id: string,
  {
    passwordHash,
    userMetadata,
    now,
  }: { passwordHash?: string | undefined; userMetadata?: object | undefined; now: Date },
): Promise<void> {
  await sql`update auth.users set encrypted_password = coalesce(${passwordHash ?? null}::text, encrypted_password),
      raw_user_meta_data = coalesce(raw_user_meta_data, '{}') || ${JSON.stringify(userMetadata ?? {})}::jsonb, updated_at = ${now}
    where id = ${id}`.execute(tx)
}

export async function insertSession(
  tx: ServerTransaction,
  session: { id: string; userId: string; method: string; address: string; userAgent: string | null; now: Date },
): Promise<void> {
  const { id, userId, method, address, userAgent, now } = session
  await tx
    .insertInto('auth.sessions')
    .values({ id, user_id: userId, created_at: now, updated_at: now, ip: address, user_agent: userAgent })
    .execute()
  await tx
    .insertInto('auth.mfa_amr_claims')
    .values({ session_id: id, authentication_method: method, created_at: now, updated_at: now })
    .execute()
  await tx.updateTable('auth.users').set({ last_sign_in_at: now, updated_at: now }).where('id', '=', userId).execute()
}

export interface SessionRow {
  readonly id: string
  readonly userId: string
  /** How the session began, and when. */
  readonly method: string
  readonly begunAt: Date
}

const SESSION =
  sql.raw(`s.id, s.user_id as "userId", coalesce(m.authentication_method, 'password') as method, s.created_at as "begunAt"
  from auth.sessions s left join auth.mfa_amr_claims m on m.session_id = s.id`)

export async function findSession(
  tx: ServerTransaction,
  { id, userId, now }: { id: string; userId: string; now: Date },
): Promise<SessionRow | undefined> {
  const { rows } = await sql<SessionRow>`
    select ${SESSION} where s.id = ${id} and s.user_id = ${userId} and (s.not_after is null or s.not_after > ${now})`.execute(
    tx,
  )
  return rows[0]
}

export interface RefreshTokenRow extends SessionRow {
  readonly tokenId: string
  /** Null while the token has not been used. */
  readonly usedAt: Date | null
}

/** A refresh token and its session, locked: of two that bring it at once the second sees what the first did. */
export async function lockRefreshToken(tx: ServerTransaction, tokenHash: string): Promise<RefreshTokenRow | undefined> {
  const { rows } = await sql<RefreshTokenRow>`
    select r.id as "tokenId", case when r.revoked then r.updated_at end as "usedAt", s.id, s.user_id as "userId",
      coalesce(m.authentication_method, 'password') as method, s.created_at as "begunAt"
    from auth.refresh_tokens r join auth.sessions s on s.id = r.session_id
    left join auth.mfa_amr_claims m on m.session_id = s.id
    where r.token = ${tokenHash} for update of r`.execute(tx)
  return rows[0]
}

export async function insertRefreshToken(
  tx: ServerTransaction,
  token: { hash: string; parentHash: string | null; sessionId: string; userId: string; now: Date },
): Promise<void> {
  const { hash, parentHash, sessionId, userId, now } = token
  await tx
    .insertInto('auth.refresh_tokens')
    .values({
      ...{ token: hash, parent: parentHash, session_id: sessionId, user_id: userId },
      ...{ revoked: false, created_at: now, updated_at: now },
    })
    .execute()
}

/** Marks a refresh token as used. The moment of the first use stays. */
export async function markRefreshTokenUsed(tx: ServerTransaction, tokenId: string, now: Date): Promise<void> {
  await tx
    .updateTable('auth.refresh_tokens')
    .set({ revoked: true, updated_at: now })
    .where('id', '=', tokenId)
    .where('revoked', '=', false)
    .execute()
}

/** Ends sessions of a user: all, one, or all but one. */
export async function deleteSessions(
  tx: ServerTransaction,
  userId: string,
  which: 'all' | { only: string } | { except: string },
): Promise<void> {
  const sessions = tx.deleteFrom('auth.sessions').where('user_id', '=', userId)
  if (which === 'all') await sessions.execute()
  else if ('only' in which) await sessions.where('id', '=', which.only).execute()
  else await sessions.where('id', '<>', which.except).execute()
}

export interface FlowRow {
  readonly id: string
  readonly userId: string | null
  readonly challenge: string
  readonly method: string
  readonly redirectTo: string
  readonly createdAt: Date
  readonly codeIssuedAt: Date | null
}

const FLOW =
  sql.raw(`id, user_id as "userId", code_challenge as challenge, authentication_method as method, referrer as "redirectTo",
  created_at as "createdAt", auth_code_issued_at as "codeIssuedAt"`)

export async function insertFlow(
  tx: ServerTransaction,
  flow: { id: string; userId: string | null; challenge: string; method: string; redirectTo: string; now: Date },
): Promise<void> {
  const { id, userId, challenge, method, redirectTo, now } = flow
  await tx
    .insertInto('auth.flow_state')
    .values({
      ...{ id, user_id: userId, code_challenge: challenge, code_challenge_method: 's256' },
      ...{ provider_type: method === 'oauth' ? 'google' : 'email', authentication_method: method },
      ...{ referrer: redirectTo, created_at: now, updated_at: now },
    })
    .execute()
}

/** A flow that waits for its code, locked. */
export async function lockOpenFlow(tx: ServerTransaction, id: string): Promise<FlowRow | undefined> {
  const { rows } = await sql<FlowRow>`
    select ${FLOW} from auth.flow_state where id = ${id} and auth_code is null for update`.execute(tx)
  return rows[0]
}

export async function giveFlowItsCode(
  tx: ServerTransaction,
  { id, userId, codeHash, now }: { id: string; userId: string; codeHash: string; now: Date },
): Promise<void> {
  await tx
    .updateTable('auth.flow_state')
    .set({ user_id: userId, auth_code: codeHash, auth_code_issued_at: now, updated_at: now })
    .where('id', '=', id)
    .execute()
}

/** Takes the flow of a code out: a code works once, also when what follows fails. */
export async function takeFlowWithCode(tx: ServerTransaction, codeHash: string): Promise<FlowRow | undefined> {
  const { rows } =
    await sql<FlowRow>`delete from auth.flow_state where auth_code = ${codeHash} returning ${FLOW}`.execute(tx)
  return rows[0]
}

export async function deleteFlow(tx: ServerTransaction, id: string): Promise<void> {
  await tx.deleteFrom('auth.flow_state').where('id', '=', id).execute()
}

export interface OneTimeTokenRow {
  readonly id: string
  readonly userId: string
  readonly tokenHash: string
  /** ms since 1970 */
  readonly createdAt: number
}

const TOKEN = sql.raw(`id, user_id as "userId", token_hash as "tokenHash",
  (extract(epoch from created_at) * 1000)::float8 as "createdAt"`)

/** Stores a mailed token; the user's one before it stops working. Its flow, if any, has the same id. */
export async function replaceOneTimeToken(
  tx: ServerTransaction,
  token: { id: string; userId: string; tokenHash: string; email: string; now: Date },
): Promise<void> {
  const { id, userId, tokenHash, email, now } = token
  await sql`delete from auth.one_time_tokens where user_id = ${userId} and token_type = 'recovery_token'`.execute(tx)
  await sql`insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
    values (${id}, ${userId}, 'recovery_token', ${tokenHash}, ${email},
      ${now}::timestamptz at time zone 'utc', ${now}::timestamptz at time zone 'utc')`.execute(tx)
}

export async function lockTokenWithId(tx: ServerTransaction, id: string): Promise<OneTimeTokenRow | undefined> {
  const { rows } =
    await sql<OneTimeTokenRow>`select ${TOKEN} from auth.one_time_tokens where id = ${id} for update`.execute(tx)
  return rows[0]
}

export async function lockTokenOfUser(tx: ServerTransaction, userId: string): Promise<OneTimeTokenRow | undefined> {
  const { rows } = await sql<OneTimeTokenRow>`
    select ${TOKEN} from auth.one_time_tokens where user_id = ${userId} and token_type = 'recovery_token' for update`.execute(
    tx,
  )
  return rows[0]
}

export async function deleteToken(tx: ServerTransaction, id: string): Promise<void> {
  await tx.deleteFrom('auth.one_time_tokens').where('id', '=', id).execute()
}

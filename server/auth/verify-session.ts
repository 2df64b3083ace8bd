import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import type { ServerConfig } from '../config.ts'
import type { Clock } from '../ports.ts'
import type { ServerSecrets } from '../secrets.ts'
import { Recent } from './recent.ts'
import { signingKeys } from './signing-keys.ts'

/** What a session token says once its signature, issuer, audience and time hold. Whether the session still exists is another question. */
export interface SessionClaims {
  readonly userId: string
  readonly sessionId: string
  readonly token: string
}

const Claims = z.object({ sub: z.uuid(), session_id: z.uuid(), role: z.literal('authenticated') })

const CLOCK_TOLERANCE_SECONDS = 5
/** A token whose signature held need not be verified again for so long: a key that is taken back is still believed meanwhile. */
const TRUSTED_FOR_MS = 60_000
const MOST_RECENT = 2_000

/** Where sessions are issued: Supabase Auth, or this server itself in local mode. */
export function sessionIssuer({ supabase, publicOrigin }: Pick<ServerConfig, 'supabase' | 'publicOrigin'>): string {
  return `${supabase?.url.replace(/\/$/, '') ?? publicOrigin}/auth/v1`
}

/**
 * The session token of an `Authorization` header; null when the caller has none. A key of the `sb_` kind is what clients
 * send while signed out (it is no token). Throws `not-signed-in` for any other scheme.
 */
export function bearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined) return null
  const token = /^bearer +(\S+)$/i.exec(authorization.trim())?.[1]
  if (token === undefined) throw new AppError('not-signed-in', 'The Authorization header must be "Bearer <session>".')
  return token.startsWith('sb_') ? null : token
}

export interface SessionVerifier {
  /** Throws `not-signed-in`; `server-busy` when the issuer's keys can not be fetched. */
  verify(token: string): Promise<SessionClaims>
}

/** Verifies session tokens by the issuer's public keys. Only asymmetric signatures count: a shared secret would let its readers sign in as anyone. */
export function createSessionVerifier(
  config: Pick<ServerConfig, 'supabase' | 'publicOrigin'>,
  { clock, secrets }: { clock: Clock; secrets: ServerSecrets },
): SessionVerifier {
  const issuer = sessionIssuer(config)
  const keys = config.supabase === null ? localKeys(secrets) : remoteKeys(issuer)
  const recent = new Recent<{ claims: SessionClaims; until: number }>(MOST_RECENT)
  return {
    async verify(token) {
      const known = recent.get(token)
      if (known !== undefined && clock.now() < known.until) return known.claims
      try {
        const { payload } = await jwtVerify(token, keys, {
          issuer,
          audience: 'authenticated',
          algorithms: ['ES256', 'RS256'],
          requiredClaims: ['exp', 'iat'],
          clockTolerance: CLOCK_TOLERANCE_SECONDS,
          currentDate: new Date(clock.now()),
        })
        const { sub, session_id } = Claims.parse(payload)
        const claims = { userId: sub, sessionId: session_id, token }
        const until = Math.min(clock.now() + TRUSTED_FOR_MS, (payload.exp ?? 0) * 1000)
        recent.set(token, { claims, until })
        return claims
      } catch (error) {
        throw refusal(error)
      }
    },
  }
}

function refusal(error: unknown): AppError {
  if (error instanceof errors.JWTExpired) return new AppError('not-signed-in', 'The session token is too old.')
  const isOurs = error instanceof z.ZodError || (error instanceof errors.JOSEError && !isUnreachable(error))
  if (isOurs) return new AppError('not-signed-in', 'The session token is not valid.')
  return new AppError('server-busy', 'Sessions can not be checked at the moment.', undefined, { cause: error })
}

/** `jose` reports an answer other than 200, or one that is no key set, with its most general error. */
function isUnreachable(error: errors.JOSEError): boolean {
  return error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC' || error.code === 'ERR_JWKS_INVALID'
}

function remoteKeys(issuer: string): JWTVerifyGetKey {
  return createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`), {
    cacheMaxAge: 600_000,
    cooldownDuration: 30_000,
  })
}

function localKeys(secrets: ServerSecrets): JWTVerifyGetKey {
  let set: Promise<ReturnType<typeof createLocalJWKSet>> | undefined
  return async (header, token) => {
    set ??= signingKeys(secrets).then((known) => createLocalJWKSet({ keys: known.map(({ publicJwk }) => publicJwk) }))
    return (await set)(header, token)
  }
}

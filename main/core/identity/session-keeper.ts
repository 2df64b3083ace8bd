import { decodeJwt } from 'jose'
import { z } from 'zod'
import { AppError } from '../../../contract/errors.ts'
import type { Network } from '../needs.ts'
import type { Clock, Log, SecretStore } from '../ports.ts'
import type { AgentsFor } from '../server/proxy-agents.ts'
import type { ServerInfoSource } from '../server/server-info.ts'
import { createAuthClient, SESSION_SECRET, type SignInClient } from './auth-client.ts'
import { fromAuthError } from './auth-error.ts'

/** Renew this long before the access token's time is over. */
const MARGIN_MS = 30_000
/** A computer with a wrong clock would think every token old; a renewal younger than this is not doubted. */
const TRUSTED_AGE_MS = 300_000

const Tokens = z.object({ access_token: z.string(), refresh_token: z.string(), expires_at: z.number().optional() })
type Tokens = z.infer<typeof Tokens>

interface AuthAnswer {
  readonly data: unknown
  readonly error: unknown
}

/** Holds the session of the signed-in account: reads it at start, hands out its access token, renews it. */
export interface SessionKeeper {
  /** Reads the stored session; an unreadable one counts as none. Throws `no-secret-store`. */
  load(): Promise<void>
  hasSession(): boolean
  /** Whose session it is; null when there is none. */
  userId(): string | null
  /** Null when there is no session. Throws `session-expired`, `offline`. */
  accessToken(): Promise<string | null>
  /** Renews once for all who ask at the same time, unless the access token in use is no longer `rejected`. Throws `session-expired`, `offline`. */
  renew(rejected: string): Promise<void>
  /** Runs one operation of the sign-in client; throws its failure as an `AppError`. */
  ask<R extends AuthAnswer>(work: (client: SignInClient) => Promise<R>): Promise<R['data']>
  /** Ends the session here and, where it can be reached, at the server. */
  end(): Promise<void>
}

interface KeeperNeeds {
  readonly clock: Clock
  readonly log: Log
  readonly secrets: SecretStore
  readonly network: Network
  readonly agentsFor: AgentsFor
  readonly serverInfo: ServerInfoSource
  /** The server refused to renew the session. */
  readonly onExpired: () => void
}

export function createSessionKeeper(needs: KeeperNeeds): SessionKeeper {
  const { clock, secrets, onExpired } = needs
  let tokens: Tokens | null = null
  let renewedAt = Number.NEGATIVE_INFINITY
  let client: SignInClient | null = null
  let renewal: Promise<void> | null = null
  const waiting = new Set<(error: AppError) => void>()

  async function openClient(): Promise<SignInClient> {
    if (client !== null) return client
    const info = await needs.serverInfo.get()
    const opened = createAuthClient({
      info,
      secrets,
      network: needs.network,
      agentsFor: needs.agentsFor,
      onConnectionError: (error) => {
        for (const reject of waiting) reject(error)
      },
    })
    opened.onAuthStateChange((event, session) => {
      if (event === 'INITIAL_SESSION') return
      tokens = session === null ? null : Tokens.parse(session)
      if (session !== null) renewedAt = clock.monotonic()
    })
    client ??= opened
    return client
  }

  /** The client retries a lost connection for half a minute; a caller here hears of it at once. */
  async function ask<R extends AuthAnswer>(work: (client: SignInClient) => Promise<R>): Promise<R['data']> {
    const opened = await openClient()
    const lost = Promise.withResolvers<never>()
    waiting.add(lost.reject)
    try {
      const { data, error } = await Promise.race([work(opened), lost.promise])
      if (error !== null && error !== undefined) throw fromAuthError(error)
      return data
    } finally {
      waiting.delete(lost.reject)
    }
  }

  async function renewNow(refreshToken: string): Promise<void> {
    try {
      await ask((opened) => opened.refreshSession({ refresh_token: refreshToken }))
    } catch (error) {
      if (error instanceof AppError && error.code !== 'session-expired') throw error
      if (!(error instanceof AppError)) needs.log.warn({ error }, 'the session could not be renewed')
      tokens = null
      await secrets.delete(SESSION_SECRET)
      onExpired()
      throw new AppError('session-expired')
    }
  }

  async function renew(rejected: string): Promise<void> {
    if (tokens === null) throw new AppError('session-expired')
    if (tokens.access_token !== rejected) return
    renewal ??= renewNow(tokens.refresh_token).finally(() => {
      renewal = null
    })
    await renewal
  }

  return {
    async load() {
      const stored = await secrets.get(SESSION_SECRET)
      tokens = stored === null ? null : readTokens(stored)
    },
    hasSession: () => tokens !== null,
    userId: () => (tokens === null ? null : (decodeJwt(tokens.access_token).sub ?? null)),
    async accessToken() {
      if (tokens === null) return null
      const isOver = tokens.expires_at !== undefined && tokens.expires_at * 1000 - MARGIN_MS < clock.now()
      if (isOver && clock.monotonic() - renewedAt > TRUSTED_AGE_MS) await renew(tokens.access_token)
      return tokens.access_token
    },
    renew,
    ask,
    async end() {
      const { access_token: accessToken } = tokens ?? {}
      tokens = null
      await secrets.delete(SESSION_SECRET)
      if (accessToken === undefined) return
      try {
        await ask(async (opened) => await opened.admin.signOut(accessToken, 'local'))
      } catch (error) {
        needs.log.info({ error }, 'the session ended here; the server was not told')
      }
    },
  }
}

function readTokens(stored: string): Tokens | null {
  try {
    return Tokens.parse(JSON.parse(stored))
  } catch {
    return null
  }
}

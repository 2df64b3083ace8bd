import { AuthClient } from '@supabase/supabase-js'
import { AppError } from '../../../contract/errors.ts'
import type { Network } from '../needs.ts'
import type { SecretStore } from '../ports.ts'
import { httpRequest } from '../server/http-request.ts'
import type { ServerInfo } from '../server/server-info.ts'

/** The name under which the session lies in the secret store. */
export const SESSION_SECRET = 'session'

export type SignInClient = InstanceType<typeof AuthClient>

interface AuthClientNeeds {
  readonly info: ServerInfo
  readonly secrets: SecretStore
  readonly network: Network
  /** Told of every exchange that got no answer, since the client wraps and retries it. */
  readonly onConnectionError: (error: AppError) => void
}

/**
 * The unmodified sign-in client: PKCE, tokens in the secret store, the user record in memory alone (a keychain entry has room for the tokens
 * only), and no timers of its own.
 */
export function createAuthClient({ info, secrets, network, onConnectionError }: AuthClientNeeds): SignInClient {
  const users = new Map<string, string>()
  return new AuthClient({
    url: `${info.authUrl}/auth/v1`,
    headers: { apikey: info.authKey },
    storageKey: SESSION_SECRET,
    storage: {
      getItem: (name) => secrets.get(name),
      setItem: (name, value) => secrets.set(name, value),
      removeItem: (name) => secrets.delete(name),
    },
    userStorage: {
      getItem: (name) => users.get(name) ?? null,
      setItem: (name, value) => void users.set(name, value),
      removeItem: (name) => void users.delete(name),
    },
    flowType: 'pkce',
    detectSessionInUrl: false,
    autoRefreshToken: false,
    persistSession: true,
    skipAutoInitialize: true,
    fetch: async (input, init) => {
      try {
        return await exchange(String(input), init ?? {}, network)
      } catch (error) {
        if (error instanceof AppError) onConnectionError(error)
        throw error
      }
    },
  })
}

async function exchange(url: string, init: RequestInit, network: Network): Promise<Response> {
  const answer = await httpRequest({
    method: init.method === 'GET' || init.method === 'PUT' ? init.method : 'POST',
    url,
    headers: Object.fromEntries(new Headers(init.headers)),
    ...(typeof init.body === 'string' ? { body: init.body } : {}),
  }).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'offline') network.report('unreachable')
    throw error
  })
  const type = String(answer.headers['content-type'] ?? '')
  if (type.startsWith('text/html') || (answer.status >= 300 && answer.status < 400))
    throw new AppError('captive-portal')
  network.report('reached')
  const isEmpty = answer.status === 204
  return new Response(isEmpty ? null : new Uint8Array(answer.body), {
    status: answer.status,
    headers: { 'content-type': type, ...apiVersion(answer.headers) },
  })
}

/** The client reads error codes only when the answer names an API version of 2024 or later. */
function apiVersion(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const version = headers['x-supabase-api-version']
  return typeof version === 'string' ? { 'x-supabase-api-version': version } : {}
}

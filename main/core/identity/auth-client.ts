import { AuthClient } from '@supabase/supabase-js'
import { AppError } from '../../../contract/errors.ts'
import type { Network } from '../needs.ts'
import type { SecretStore } from '../ports.ts'
import { isUnreachable } from '../server/connection-error.ts'
import { httpRequest } from '../server/http-request.ts'
import type { AgentsFor } from '../server/proxy-agents.ts'
import type { ServerInfo } from '../server/server-info.ts'

/** The name under which the session lies in the secret store. */
export const SESSION_SECRET = 'session'

export type SignInClient = InstanceType<typeof AuthClient>

interface AuthClientNeeds {
  readonly info: ServerInfo
  readonly secrets: SecretStore
  readonly network: Network
  readonly agentsFor: AgentsFor
  /** Told of every exchange that got no answer, since the client wraps and retries it. */
  readonly onConnectionError: (error: AppError) => void
}

/**
 * The unmodified sign-in client: PKCE, tokens in the secret store, and no timers of its own. The user record stays in memory, because a
 * keychain entry has room for the tokens only; so do PKCE verifiers, of which every mail leaves one behind.
 */
export function createAuthClient(needs: AuthClientNeeds): SignInClient {
  const { info, secrets, onConnectionError } = needs
  const users = memoryStorage()
  const verifiers = memoryStorage()
  const storageOf = (name: string) => (name.endsWith('-code-verifier') ? verifiers : secretStorage(secrets))
  return new AuthClient({
    url: `${info.authUrl}/auth/v1`,
    headers: { apikey: info.authKey },
    storageKey: SESSION_SECRET,
    storage: {
      getItem: async (name) => await storageOf(name).getItem(name),
      setItem: async (name, value) => await storageOf(name).setItem(name, value),
      removeItem: async (name) => await storageOf(name).removeItem(name),
    },
    userStorage: users,
    flowType: 'pkce',
    detectSessionInUrl: false,
    autoRefreshToken: false,
    persistSession: true,
    skipAutoInitialize: true,
    fetch: async (input, init) => {
      try {
        return await exchange(String(input), init ?? {}, needs)
      } catch (error) {
        if (error instanceof AppError) onConnectionError(error)
        throw error
      }
    },
  })
}

function memoryStorage() {
  const items = new Map<string, string>()
  return {
    getItem: async (name: string) => items.get(name) ?? null,
    setItem: async (name: string, value: string) => void items.set(name, value),
    removeItem: async (name: string) => void items.delete(name),
  }
}

function secretStorage(secrets: SecretStore) {
  return {
    getItem: (name: string) => secrets.get(name),
    setItem: (name: string, value: string) => secrets.set(name, value),
    removeItem: (name: string) => secrets.delete(name),
  }
}

async function exchange(
  url: string,
  init: RequestInit,
  { network, agentsFor }: Pick<AuthClientNeeds, 'network' | 'agentsFor'>,
): Promise<Response> {
  const answer = await httpRequest({
    method: init.method === 'GET' || init.method === 'PUT' ? init.method : 'POST',
    url,
    headers: Object.fromEntries(new Headers(init.headers)),
    agentsFor,
    ...(typeof init.body === 'string' ? { body: init.body } : {}),
  }).catch((error: unknown) => {
    if (error instanceof AppError && isUnreachable(error.code)) network.report('unreachable')
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

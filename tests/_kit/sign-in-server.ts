import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import fastify from 'fastify'
import type { Output } from '../../contract/call.ts'
import { identity } from '../../contract/identity.ts'
import { createServerAuth } from '../../server/auth/create-server-auth.ts'
import { localSignInRoutes } from '../../server/auth/local-sign-in-routes.ts'
import { readServerConfig, type ServerConfig } from '../../server/config.ts'
import type { CallContext } from '../../server/context.ts'
import type { Database } from '../../server/db/database.ts'
import { asCaller } from '../../server/db/transaction.ts'
import { identityHandlers } from '../../server/domains/identity/handlers.ts'
import { expectedFailure } from '../../server/http/failure.ts'
import { toProblem } from '../../server/http/problem.ts'
import { limitByAddress } from '../../server/http/rate-limits.ts'
import { addressOf, dpopHeaders } from '../../server/http/request-facts.ts'
import { createOpenStreams } from '../../server/open-streams.ts'
import type { Mail } from '../../server/ports.ts'
import type { ServerSecrets } from '../../server/secrets.ts'
import type { ServerServices } from '../../server/services.ts'
import type { DeviceKey } from './device-key.ts'
import { type HandClock, handClock } from './shop.ts'

export interface SignInServer extends AsyncDisposable {
  readonly address: string
  readonly clock: HandClock
  readonly db: Database
  readonly config: ServerConfig
  readonly services: ServerServices
  readonly mails: Mail[]
  readonly log: object[]
  /** An unmodified Supabase client with a memory of its own. */
  client(): SupabaseClient
  /** An identity call over HTTP, with a session, and a proof where the call needs one. */
  call<N extends IdentityCall>(name: N, input: object, by: { session?: string; key?: DeviceKey }): Promise<CallReply<N>>
}

type IdentityCall = keyof typeof identityHandlers

/** An answer of either kind: a test asserts which it is. */
export interface CallReply<N extends IdentityCall> {
  readonly status: number
  readonly body: Output<(typeof identity)[N]> & { readonly code?: string; readonly facts?: Record<string, unknown> }
}

/** Secrets that only this server has; given twice, two servers share them as two processes do. */
export function makeSecrets(): ServerSecrets {
  const values = new Map<string, string>()
  return {
    async get(name) {
      const value = values.get(name) ?? randomBytes(32).toString('base64url')
      values.set(name, value)
      return [value]
    },
  }
}

/** Sign-in and the calls of domain `identity` over real HTTP, on a test's database, with a clock that the test moves. */
export async function startSignInServer({
  db,
  clock = handClock(Date.now()),
  secrets = makeSecrets(),
  config: change = {},
}: {
  db: Database
  clock?: HandClock
  secrets?: ServerSecrets
  config?: Partial<ServerConfig>
}): Promise<SignInServer> {
  const mails: Mail[] = []
  const log: object[] = []
  const app = fastify({ logger: false, genReqId: () => randomUUID() })
  const note = (fields: object): void => void log.push(fields)
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const config: ServerConfig = { ...readServerConfig({}), port, publicOrigin: origin, ...change }
  const services: ServerServices = {
    ...{ db, config, clock, secrets, log: { info: note, warn: note, error: note } },
    random: { bytes: (length) => randomBytes(length), uuid: () => randomUUID() },
    mailer: { send: async (mail) => void mails.push(mail) },
    payments: new Map(),
    streams: createOpenStreams(),
    objects: noObjects(),
    auth: createServerAuth({ db, clock, secrets, config }),
  }
  app.setErrorHandler((error, request, reply) => {
    const failure = expectedFailure(error)
    if (failure === null) throw error
    const { status, headers, body } = toProblem(failure, request.id)
    return reply.code(status).headers(headers).send(body)
  })
  limitByAddress(app, services)
  await app.register(async (scope) => localSignInRoutes(scope, services))
  for (const [name, handler] of Object.entries(identityHandlers)) {
    const definition = identity[name as keyof typeof identityHandlers]
    app.route({
      method: definition.kind === 'query' ? 'GET' : 'POST',
      url: definition.path,
      async handler(request) {
        const proof = { authorization: request.headers.authorization, dpop: dpopHeaders(request), downloadToken: null }
        const facts = { method: request.method, path: definition.path, address: addressOf(request, config) }
        const caller = await services.auth.authenticate({ ...proof, ...facts }, definition.proof)
        const role =
          caller.userId === null
            ? ({ role: 'anon' } as const)
            : ({ role: 'authenticated', userId: caller.userId } as const)
        const mode = definition.kind === 'query' ? 'read only' : 'read write'
        const input = definition.input.parse(request.body ?? {})
        const run = handler as (context: CallContext, input: unknown) => Promise<unknown>
        return asCaller(
          db,
          role,
          async (tx) =>
            definition.output.parse(await run({ ...services, tx, caller } as unknown as CallContext, input)),
          { mode, clock },
        )
      },
    })
  }
  await app.listen({ host: '127.0.0.1', port })
  return {
    ...{ address: origin, clock, db, config, services, mails, log },
    client: () =>
      createClient(origin, 'sb_publishable_local', {
        auth: {
          flowType: 'pkce',
          autoRefreshToken: false,
          detectSessionInUrl: false,
          persistSession: true,
          storage: memory(),
        },
      }),
    async call(name, input, { session, key }) {
      const { kind, path } = identity[name]
      const method = kind === 'query' ? 'GET' : 'POST'
      const uri = origin + path
      const nonce = await services.auth.currentNonce()
      const accessToken = session ?? ''
      const proof =
        key === undefined ? {} : { dpop: await key.prove({ method, uri, accessToken, nonce, now: clock.now() }) }
      const headers = { ...(session === undefined ? {} : { authorization: `Bearer ${session}` }), ...proof }
      const reply = await fetch(uri, {
        method,
        headers: kind === 'query' ? headers : { ...headers, 'content-type': 'application/json' },
        ...(kind === 'query' ? {} : { body: JSON.stringify(input) }),
      })
      return { status: reply.status, body: (await reply.json()) as never }
    },
    async [Symbol.asyncDispose]() {
      await app.close()
    },
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (address === null || typeof address === 'string') throw new Error('There is no port')
  return address.port
}

function memory() {
  const items = new Map<string, string>()
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}

function noObjects(): ServerServices['objects'] {
  const refuse = () => Promise.reject(new Error('Sign-in stores no objects'))
  return { head: refuse, read: refuse, putFile: refuse, delete: refuse }
}

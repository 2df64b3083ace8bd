import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { expectedFailure } from '../http/failure.ts'
import { toProblem } from '../http/problem.ts'
import { addressOf } from '../http/request-facts.ts'
import type { Log } from '../ports.ts'
import { changeUser, showUser, signOut } from './local/current-user.ts'
import { followLink, mailCode, verifyCode } from './local/mailed-codes.ts'
import { beginOAuth } from './local/sandbox-provider.ts'
import { providerPageAddress, sandboxProviderRoutes } from './local/sandbox-provider-routes.ts'
import type { SignInOrigin, SignInServices } from './local/services.ts'
import { grantSession } from './local/sign-in.ts'
import { asSignInError, renderSignInError, SignInError } from './local/sign-in-error.ts'
import { signUp } from './local/sign-up.ts'
import { signingKeys } from './signing-keys.ts'

type Query = Readonly<Record<string, string | undefined>>

/**
 * Sign-in of a local server: the part of Supabase Auth's HTTP interface that `supabase-js` uses, under `/auth/v1`.
 * Throws `invalid-config` in any other mode.
 */
export function localSignInRoutes(app: FastifyInstance, services: SignInServices): void {
  const { config, log } = services
  if (config.mode !== 'local') throw new AppError('invalid-config', 'Local sign-in exists in local mode only.')
  readBodies(app)
  app.setErrorHandler((error, request, reply) => {
    const isVersioned = request.headers['x-supabase-api-version'] !== undefined
    const { status, headers, body } = renderFailure(error, request, log, isVersioned)
    return reply.code(status).headers(headers).send(body)
  })
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  publicFacts(app, services)
  const originOf = (request: FastifyRequest): SignInOrigin => ({
    address: addressOf(request, config),
    userAgent: request.headers['user-agent']?.slice(0, 300) ?? null,
  })
  const query = (request: FastifyRequest): Query => request.query as Query

  app.post('/auth/v1/signup', (request) => signUp(services, originOf(request), request.body))
  app.post('/auth/v1/token', (request) =>
    grantSession(services, originOf(request), query(request)['grant_type'], request.body),
  )
  app.get('/auth/v1/user', (request) => showUser(services, request.headers.authorization))
  app.put('/auth/v1/user', (request) => changeUser(services, request.headers.authorization, request.body))
  app.post('/auth/v1/logout', async (request, reply) => {
    await signOut(services, request.headers.authorization, query(request)['scope'])
    return reply.code(204).send()
  })

  const mail = (purpose: 'recovery' | 'magiclink') => (request: FastifyRequest) =>
    mailCode(services, originOf(request), purpose, { body: request.body, redirectTo: query(request)['redirect_to'] })
  app.post('/auth/v1/recover', mail('recovery'))
  app.post('/auth/v1/otp', mail('magiclink'))
  app.post('/auth/v1/resend', mail('magiclink'))
  app.post('/auth/v1/verify', (request) => verifyCode(services, originOf(request), request.body))
  app.get('/auth/v1/verify', async (request, reply) => {
    const { token = '', redirect_to } = query(request)
    return reply.redirect(await followLink(services, { token, redirectTo: redirect_to }))
  })

  app.get('/auth/v1/authorize', async (request, reply) =>
    reply.redirect(providerPageAddress(await beginOAuth(services, request.query))),
  )
  void app.register(async (scope) => sandboxProviderRoutes(scope, services))
}

function publicFacts(app: FastifyInstance, { secrets }: SignInServices): void {
  app.get('/auth/v1/.well-known/jwks.json', async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=600')
    return { keys: (await signingKeys(secrets)).map(({ publicJwk }) => publicJwk) }
  })
  app.get('/auth/v1/health', async () => ({ name: 'GoTrue', version: 'local', description: 'Local sign-in' }))
  app.get('/auth/v1/settings', async () => ({
    ...{ external: { email: true, google: true }, disable_signup: false },
    ...{ mailer_autoconfirm: true, phone_autoconfirm: false, sms_provider: '', saml_enabled: false },
  }))
}

/** `supabase-js` names JSON as the type of bodies that are empty. */
function readBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(String(body)))
    } catch {
      done(new SignInError('bad_json', 'Could not parse the request body as JSON'))
    }
  })
}

/** What Fastify itself refuses: a body of another type, or too large. */
function requestError(error: unknown): SignInError | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('FST_ERR_CTP') ? new SignInError('validation_failed', 'The body can not be read.') : null
}

/** Sign-in's own failures as Supabase Auth writes them; those of the server around it (a wrong host, a busy database) as problems. */
function renderFailure(error: unknown, request: FastifyRequest, log: Log, isVersioned: boolean) {
  const failure = asSignInError(error) ?? requestError(error)
  if (failure !== null) return renderSignInError(failure, isVersioned)
  const expected = expectedFailure(error)
  if (expected !== null) return toProblem(expected, request.id)
  log.error({ requestId: request.id, route: request.routeOptions.url, err: error }, 'sign-in failed unexpectedly')
  const unexpected = new SignInError('unexpected_failure', 'Unexpected failure, please check the server logs')
  return renderSignInError(unexpected, isVersioned)
}

import fastify, { type FastifyInstance } from 'fastify'
import { AppError } from '../contract/errors.ts'
import { localSignInRoutes } from './auth/local-sign-in-routes.ts'
import { byteRoutes } from './http/bytes.ts'
import { callRoutes } from './http/call-route.ts'
import { documentationRoutes } from './http/documentation.ts'
import { expectedFailure } from './http/failure.ts'
import { healthRoute } from './http/health.ts'
import { hostCheck } from './http/host-check.ts'
import { maintenanceRoutes } from './http/maintenance.ts'
import { mediaRoutes } from './http/media-route.ts'
import { pageRoutes } from './http/pages/page-routes.ts'
import { toProblem } from './http/problem.ts'
import { limitByAddress } from './http/rate-limits.ts'
import { sandboxRoutes } from './http/sandbox-routes.ts'
import { webhookRoutes } from './http/webhooks.ts'
import type { ServerServices } from './services.ts'

const BODY_LIMIT_BYTES = 1024 * 1024

/** The whole HTTP surface of the server over given services; it listens nowhere yet. `runSecret` opens the maintenance routes to this computer's user. */
export async function createApp(
  services: ServerServices,
  { runSecret }: { runSecret?: string } = {},
): Promise<FastifyInstance> {
  const { config, log, random } = services
  const app = fastify({
    logger: false,
    genReqId: () => random.uuid(),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 300 },
    return503OnClosing: true,
  })
  // Before everything: a refusal carries them too, and so does a reply that is written without Fastify.
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    if (request.url.startsWith('/api/')) reply.header('dpop-nonce', await services.auth.currentNonce())
  })
  hostCheck(app, config)
  limitByAddress(app, services)
  app.addHook('onResponse', async (request, reply) => {
    log.info(
      {
        requestId: request.id,
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
      },
      'request',
    )
  })
  app.setNotFoundHandler((request, reply) => {
    const { status, headers, body } = toProblem(
      new AppError('unknown-call', `Nothing answers ${request.method} there.`),
      request.id,
    )
    return reply.code(status).headers(headers).send(body)
  })
  app.setErrorHandler((error, request, reply) => {
    const failure = expectedFailure(error)
    if (failure === null)
      log.error({ requestId: request.id, route: request.routeOptions.url, err: error }, 'a request failed unexpectedly')
    const { status, headers, body } = toProblem(
      failure ?? new AppError('internal', undefined, { reference: request.id }),
      request.id,
    )
    return reply.code(status).headers(headers).send(body)
  })
  healthRoute(app, services)
  callRoutes(app, services)
  documentationRoutes(app, services)
  await app.register(async (scope) => byteRoutes(scope, services))
  await app.register(async (scope) => mediaRoutes(scope, services))
  await app.register(async (scope) => pageRoutes(scope, services))
  await app.register(async (scope) => webhookRoutes(scope, services))
  if (runSecret !== undefined) maintenanceRoutes(app, services, runSecret)
  if (config.mode === 'local') {
    await app.register(async (scope) => localSignInRoutes(scope, services))
    await app.register(async (scope) => sandboxRoutes(scope, services))
  }
  return app
}

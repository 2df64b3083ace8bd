import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { readFields } from './credentials.ts'
import { answerOAuth, assertFlowOpen } from './sandbox-provider.ts'
import { PROVIDER_PAGE_HEADERS, providerPage } from './sandbox-provider-page.ts'
import type { SignInServices } from './services.ts'

const PATH = '/auth/v1/sandbox-provider'
const Query = z.object({ flow: z.uuid() })

/** The sandbox provider's page and its form. Only here is a form's body read: elsewhere it would let any web page sign up and in. */
export function sandboxProviderRoutes(app: FastifyInstance, services: SignInServices): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))))
  })
  app.get(PATH, async (request, reply) => {
    const { flow } = readFields(Query, request.query)
    await assertFlowOpen(services, flow)
    return reply.headers(PROVIDER_PAGE_HEADERS).send(providerPage(flow))
  })
  app.post(PATH, async (request, reply) => reply.redirect(await answerOAuth(services, request.body), 303))
}

/** Where a browser sees the page for a round trip. */
export function providerPageAddress(flow: string): string {
  return `${PATH}?flow=${flow}`
}

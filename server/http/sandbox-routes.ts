import type { FastifyInstance } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import type { SandboxOrder } from '../adapters/sandbox/order-file.ts'
import { SANDBOX_OUTCOMES, type SandboxOutcome, SandboxProvider } from '../adapters/sandbox/sandbox-provider.ts'
import type { ServerServices } from '../services.ts'
import { sandboxPage } from './pages/sandbox-page.ts'

const isOutcome = (text: string | null): text is SandboxOutcome => SANDBOX_OUTCOMES.some((known) => known === text)

/** The sandbox vendor's hosted pay page: plain forms, no scripts, so that curl can pay too. Local mode only. */
export function sandboxRoutes(app: FastifyInstance, { payments }: Pick<ServerServices, 'payments'>): void {
  const provider = payments.get('sandbox')
  if (!(provider instanceof SandboxProvider)) return
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  )
  app.get<{ Params: { order: string } }>('/sandbox/pay/:order', async (request, reply) => {
    const order = await provider.order(request.params.order)
    if (order === null) throw new AppError('not-found', 'There is no such order.')
    return reply.headers(sandboxPage.headers(returnAddress(order))).send(sandboxPage.render(order))
  })
  app.post<{ Params: { order: string }; Body: URLSearchParams }>('/sandbox/pay/:order', async (request, reply) => {
    const outcome = request.body.get('outcome')
    if (!isOutcome(outcome))
      throw new AppError('invalid-input', `The outcome must be one of ${SANDBOX_OUTCOMES.join(', ')}.`)
    const order = await provider.choose(request.params.order, outcome)
    return reply.redirect(returnAddress(order), 303)
  })
}

/** `mixmint://payment/<id>` for the app, `…/return/payment?payment=<id>` for a host on this computer. */
export function returnAddress({ returnTo, paymentId }: Pick<SandboxOrder, 'returnTo' | 'paymentId'>): string {
  return returnTo.startsWith('mixmint:') ? `${returnTo}/${paymentId}` : `${returnTo}?payment=${paymentId}`
}

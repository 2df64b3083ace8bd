import type { FastifyInstance } from 'fastify'
import { AppError } from '../../contract/errors.ts'
import { applyWebhook, sendDueRefunds } from '../domains/commerce/public.ts'
import { sendQueuedMails } from '../mail/send-queued.ts'
import type { ServerServices } from '../services.ts'

/**
 * `POST /api/webhooks/:provider`: checks the signature over the raw bytes, applies the event once, answers 200.
 * A bad signature answers 400 and changes nothing. Refunds and receipts follow after the event's transaction; jobs repeat what fails.
 */
export function webhookRoutes(app: FastifyInstance, services: ServerServices): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.post<{ Params: { provider: string }; Body: Buffer }>('/api/webhooks/:provider', async (request) => {
    const provider = services.payments.get(request.params.provider)
    if (provider === undefined) throw new AppError('not-found', 'There is no such payment provider.')
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const event = await provider.readWebhook(headers, request.body ?? Buffer.alloc(0))
    const outcome = await applyWebhook(services, provider.name, event)
    services.log.info({ requestId: request.id, provider: provider.name, type: event.type, outcome }, 'webhook')
    if (outcome === 'processed')
      await followUp(services).catch((error: unknown) =>
        services.log.warn({ err: error }, 'the follow-up of a webhook is left to the jobs'),
      )
    return { outcome }
  })
}

async function followUp(services: ServerServices): Promise<void> {
  await sendDueRefunds(services)
  await sendQueuedMails(services)
}

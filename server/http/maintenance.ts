import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { AppError } from '../../contract/errors.ts'
import { resetAttempts } from '../commands/reset-attempts.ts'
import type { ServerServices } from '../services.ts'

const ResetInput = z.object({ mail: z.string().max(254), content: z.string().max(100) })

/**
 * Lets the server's own command line work on a database that this process holds alone.
 * Only who can read the run file (the same user on this computer) knows `secret`.
 */
export function maintenanceRoutes(app: FastifyInstance, services: ServerServices, secret: string): void {
  app.post('/maintenance/reset-attempts', async (request) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    const wanted = Buffer.from(`Bearer ${secret}`)
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw new AppError('not-allowed')
    const input = ResetInput.safeParse(request.body)
    if (!input.success) throw new AppError('invalid-input', 'Give a mail address and a content id.')
    return { count: await resetAttempts(services, input.data) }
  })
}

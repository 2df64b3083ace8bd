import type { FastifyInstance } from 'fastify'
import { ping } from '../db/ping.ts'
import type { ServerServices } from '../services.ts'
import { VERSION } from '../version.ts'

/** `GET /healthz`: 200 while the database answers, else 503. */
export function healthRoute(app: FastifyInstance, { db }: Pick<ServerServices, 'db'>): void {
  app.get('/healthz', async (_request, reply) => {
    const isUp = await ping(db)
    return reply.code(isUp ? 200 : 503).send({ status: isUp ? 'ok' : 'database-unreachable', version: VERSION })
  })
}

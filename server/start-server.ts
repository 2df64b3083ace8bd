import type { FastifyInstance } from 'fastify'
import { createApp } from './app.ts'
import type { ServerConfig } from './config.ts'
import { startJobs } from './jobs/runner.ts'
import { serverJobs } from './jobs/server-jobs.ts'
import { openServices, type ServerPorts } from './open-services.ts'
import { publishDemo } from './publishing/publish-demo.ts'
import type { ServerServices } from './services.ts'

export interface RunningServer extends AsyncDisposable {
  /** Where it listens, `http://<host>:<port>`. */
  readonly address: string
  readonly services: ServerServices
  readonly app: FastifyInstance
  /** Ends when the demo content is complete; a server without demo content has it at once. */
  readonly published: Promise<void>
}

/** Opens the services, listens, starts the jobs and the demo content. Disposing drains requests, then closes all. */
export async function startServer(
  config: ServerConfig,
  ports: ServerPorts,
  options: { runSecret?: string } = {},
): Promise<RunningServer> {
  const services = await openServices(config, ports)
  const app = await createApp(services, options)
  await app.listen({ host: config.host, port: config.port })
  const jobs = startJobs(services, serverJobs)
  const stopping = new AbortController()
  const declared = Promise.withResolvers<void>()
  const published = publishDemo(services, { signal: stopping.signal, onDeclared: declared.resolve }).catch(
    (error: unknown) => {
      if (!stopping.signal.aborted) ports.log.error({ err: error }, 'the demo content could not be made')
    },
  )
  // Nobody shall see the shop before its shelves have names.
  await Promise.race([declared.promise, published])
  return {
    address: `http://${config.host}:${config.port}`,
    services,
    app,
    published,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await app.close()
      await jobs.stop()
      await published
      await services[Symbol.asyncDispose]()
    },
  }
}

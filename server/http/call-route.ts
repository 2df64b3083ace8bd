import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { CallDefinition } from '../../contract/call.ts'
import { AppError } from '../../contract/errors.ts'
import { callsByName } from '../../contract/index.ts'
import { type CallContext, type CallerFacts, isPhased } from '../context.ts'
import { asCaller, asServer, inServerTransaction, type ServerTransaction } from '../db/transaction.ts'
import { type AnyHandler, handlerOf } from '../handlers.ts'
import { once } from '../idempotency/once.ts'
import type { ServerServices } from '../services.ts'
import { readInput } from './call-input.ts'
import { bucketsOfCall, COUNTS_ITSELF, networkOfRequest } from './rate-limits.ts'
import { addressOf, dpopHeaders } from './request-facts.ts'

/** Mounts every call of the contract that the server answers: `GET` for queries, `POST` for commands. */
export function callRoutes(app: FastifyInstance, services: ServerServices): void {
  for (const call of callsByName.values()) {
    if (call.runs !== 'server') continue
    const handler = handlerOf(call.name)
    if (handler === undefined) throw new Error(`${call.name} has no handler`)
    app.route({
      method: call.kind === 'query' ? 'GET' : 'POST',
      url: call.path,
      config: COUNTS_ITSELF,
      handler: (request, reply) => answerCall(services, call, handler, request, reply),
    })
  }
}

async function answerCall(
  services: ServerServices,
  call: CallDefinition,
  handler: AnyHandler,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<unknown> {
  // Who calls is asked first, but what it counts against depends on what is asked for.
  const read = attemptInput(call, request)
  const caller = await services.auth.authenticate(
    {
      method: request.method,
      path: call.path,
      authorization: request.headers.authorization,
      dpop: dpopHeaders(request),
      downloadToken: null,
      address: addressOf(request, services.config),
    },
    call.proof,
    {
      ...networkOfRequest(request, services.config),
      limits: (who) => ('refusal' in read ? [] : bucketsOfCall(call.name, who, read.input)),
    },
  )
  if ('refusal' in read) throw read.refusal
  const { input } = read
  const idempotencyKey = readIdempotencyKey(call, request)
  const run = async (): Promise<unknown> =>
    call.output.parse(await inTransaction(services, call, handler, caller, request.id, idempotencyKey, input))
  const value =
    idempotencyKey !== null && caller.userId !== null
      ? await once(services, { userId: caller.userId, route: call.name, key: idempotencyKey }, input, run)
      : await run()
  return reply.header('cache-control', 'no-store').send(value)
}

function attemptInput(
  call: CallDefinition,
  request: FastifyRequest,
): { readonly input: unknown } | { readonly refusal: unknown } {
  try {
    return { input: readInput(call, request.query, request.body) }
  } catch (refusal) {
    return { refusal }
  }
}

function readIdempotencyKey(call: CallDefinition, request: FastifyRequest): string | null {
  if (!call.isIdempotent) return null
  const key = request.headers['idempotency-key']
  if (typeof key === 'string' && /^"?[\w-]{8,100}"?$/.test(key)) return key.replaceAll('"', '')
  throw new AppError(
    'malformed-request',
    'This call needs an Idempotency-Key header of 8 to 100 letters, digits or dashes.',
  )
}

async function inTransaction(
  services: ServerServices,
  call: CallDefinition,
  handler: AnyHandler,
  caller: CallerFacts,
  requestId: string,
  idempotencyKey: string | null,
  input: unknown,
): Promise<unknown> {
  const { db, clock } = services
  const role =
    caller.userId === null ? ({ role: 'anon' } as const) : ({ role: 'authenticated', userId: caller.userId } as const)
  // A phased query may learn something from a vendor that is to be kept.
  const mode = call.kind === 'query' && !isPhased(handler) ? 'read only' : 'read write'
  const transact = <T>(work: (tx: ServerTransaction) => Promise<T>): Promise<T> =>
    asCaller(db, role, work, { mode, clock })
  const later: ((tx: ServerTransaction) => Promise<void>)[] = []
  const context = (tx: ServerTransaction): CallContext => ({
    ...services,
    tx,
    transact,
    transactAsServer: (work) => inServerTransaction(db, work, { clock }),
    afterwards: (work) => void later.push(work),
    caller,
    requestId,
    idempotencyKey,
  })
  try {
    if (isPhased(handler)) return await handler(context(noTransaction()), input as never)
    return await transact((tx) =>
      handler(
        { ...context(tx), transact: (work) => work(tx), transactAsServer: (work) => asServer(tx, work) },
        input as never,
      ),
    )
  } finally {
    for (const work of later) await asCaller(db, role, work, { mode: 'read write', clock })
  }
}

/** A phased handler must open its own transactions; using this one is a bug that shows at once. */
function noTransaction(): ServerTransaction {
  return new Proxy({} as ServerTransaction, {
    get() {
      throw new Error('A phased handler has no transaction of its own: use transact')
    },
  })
}

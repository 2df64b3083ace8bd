import type { CallDefinition, Input, Output } from '../../../contract/call.ts'
import { AppError } from '../../../contract/errors.ts'
import type { Network } from '../needs.ts'
import type { Random } from '../ports.ts'
import { isUnreachable } from './connection-error.ts'
import { type HttpAnswer, type HttpRequest, httpRequest } from './http-request.ts'
import type { ProofHeaders } from './proof-headers.ts'
import type { AgentsFor } from './proxy-agents.ts'
import { isFromServer, readAnswer } from './read-answer.ts'
import type { SessionSource } from './session-source.ts'

export interface ServerCallOptions {
  /** For idempotent commands: the same key for every try of one intent; left out, each call is an intent of its own. */
  readonly idempotencyKey?: string
}

/** Makes a call of the server and answers its parsed output; throws the `AppError` of the answer or of the connection. */
export type ServerCall = <C extends CallDefinition>(
  definition: C,
  input: Input<C>,
  options?: ServerCallOptions,
) => Promise<Output<C>>

interface RelayNeeds {
  readonly serverAddress: string | null
  readonly agentsFor: AgentsFor
  readonly random: Random
  readonly network: Network
  readonly session: SessionSource
  readonly proofs: ProofHeaders
}

/**
 * The one way to the server for calls. A rejected session is renewed once, a stale nonce replaced once, then the answer stands; nothing else
 * is tried again here.
 */
export function createServerCall(needs: RelayNeeds): ServerCall {
  return async (definition, input, options = {}) => {
    const request = toRequest(needs, definition, definition.input.parse(input), options)
    const value = await sendWithProof(needs, definition, request)
    return readOutput(definition, value)
  }
}

/** What a call's answer says. Throws `server-busy` when it is not what the contract says: the server may be half way through an update, and that passes. */
export function readOutput<C extends CallDefinition>({ name, output }: C, value: unknown): Output<C> {
  const parsed = output.safeParse(value)
  if (parsed.success) return parsed.data as Output<C>
  const field = parsed.error.issues[0]?.path.join('.') ?? ''
  const message = 'The server gave an answer that this version does not understand'
  throw new AppError('server-busy', message, { call: name, field }, { cause: parsed.error })
}

function toRequest(
  { serverAddress, random }: RelayNeeds,
  definition: CallDefinition,
  input: unknown,
  { idempotencyKey }: ServerCallOptions,
): HttpRequest {
  if (serverAddress === null) throw new AppError('offline', 'The address of the server is not known')
  const json = JSON.stringify(input)
  const headers = { accept: 'application/json', 'x-request-id': random.uuid() }
  if (definition.kind === 'query') {
    const query = json === '{}' ? '' : `?input=${encodeURIComponent(json)}`
    return { method: 'GET', url: `${serverAddress}${definition.path}${query}`, headers }
  }
  return {
    method: 'POST',
    url: `${serverAddress}${definition.path}`,
    headers: {
      ...headers,
      'content-type': 'application/json',
      ...(definition.isIdempotent ? { 'idempotency-key': idempotencyKey ?? random.uuid() } : {}),
    },
    body: json,
  }
}

async function sendWithProof(needs: RelayNeeds, definition: CallDefinition, request: HttpRequest): Promise<unknown> {
  let mayRenew = true
  let mayRenonce = true
  for (;;) {
    const token = await accessTokenFor(needs, definition)
    const answer = await send(needs, {
      ...request,
      headers: { ...request.headers, ...(await proofFor(needs, definition, request.method, token)) },
    })
    try {
      return readAnswer(answer)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'use-dpop-nonce' && mayRenonce) {
        mayRenonce = false
      } else if (isSessionRefusal(error) && token !== null && mayRenew) {
        mayRenew = false
        await renew(needs, definition, token)
      } else {
        if (error.code === 'device-revoked' || error.code === 'device-unknown') needs.session.deviceRefused()
        throw error
      }
    }
  }
}

function isSessionRefusal({ code }: AppError): boolean {
  return code === 'not-signed-in' || code === 'session-expired'
}

/** A call that works without a session goes on without one when the session can not be renewed. */
async function renew({ session }: RelayNeeds, { proof }: CallDefinition, token: string): Promise<void> {
  try {
    await session.renew(token)
  } catch (error) {
    if (!(proof === 'optional' && error instanceof AppError && error.code === 'session-expired')) throw error
  }
}

async function accessTokenFor({ session }: RelayNeeds, { proof }: CallDefinition): Promise<string | null> {
  if (proof === 'none') return null
  try {
    const token = await session.accessToken()
    if (token === null && proof !== 'optional') throw new AppError('not-signed-in')
    return token
  } catch (error) {
    if (proof === 'optional' && error instanceof AppError && error.code === 'session-expired') return null
    throw error
  }
}

async function proofFor(
  { proofs, session }: RelayNeeds,
  { proof, path }: CallDefinition,
  method: HttpRequest['method'],
  token: string | null,
): Promise<Record<string, string>> {
  if (proof === 'device') await session.deviceReady()
  if (proof === 'device' || proof === 'new-device') return await proofs.headers({ method, path })
  return token === null ? {} : { authorization: `Bearer ${token}` }
}

async function send({ network, proofs, agentsFor }: RelayNeeds, request: HttpRequest): Promise<HttpAnswer> {
  try {
    const answer = await httpRequest({ ...request, agentsFor })
    proofs.noteAnswer(answer.headers)
    network.report(isFromServer(answer) ? 'reached' : 'unreachable')
    return answer
  } catch (error) {
    if (error instanceof AppError && isUnreachable(error.code)) network.report('unreachable')
    throw error
  }
}

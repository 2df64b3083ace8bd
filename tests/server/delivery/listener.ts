import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { z } from 'zod'
import { type Completion, type DownloadGrant, delivery } from '../../../contract/delivery.ts'
import type { ByteRange } from '../../../contract/values.ts'
import type { PersonName } from '../../_kit/people.ts'
import type { DeliveryServer, StoredFile } from './delivery-server.ts'

export interface Answer<T = Buffer> {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: T
}

/** An account on one of its devices. */
export interface Listener {
  readonly who: PersonName
  readonly device: string
  /** The address it calls from; 127.0.0.2 to 9 stand for other networks. */
  readonly from?: string
  /** How long ago its session began, ms. */
  readonly signedInAgo?: number
}

interface RawRequest extends Listener {
  readonly method: string
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
}

const LONG_AGO = 86_400_000

/** Sends a request and answers with its response when the head has arrived. */
export function open(
  server: DeliveryServer,
  { method, target, headers, json, ...listener }: RawRequest,
): Promise<IncomingMessage> {
  const { who, device, from = '127.0.0.1', signedInAgo = LONG_AGO } = listener
  const url = new URL(target, server.origin)
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      agent: false,
      localAddress: from,
      headers: {
        authorization: `Bearer ${who}/${device}/${signedInAgo}`,
        dpop: 'proof',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    })
    sent.once('response', resolve)
    sent.once('error', reject)
    sent.end(json === undefined ? undefined : JSON.stringify(json))
  })
}

async function send(server: DeliveryServer, raw: RawRequest): Promise<Answer> {
  const response = await open(server, raw)
  return { status: response.statusCode ?? 0, headers: response.headers, body: await buffer(response) }
}

type Grant = z.infer<typeof DownloadGrant> & { readonly code?: string; readonly facts?: Record<string, unknown> }

export interface InitOptions {
  readonly attemptId?: string
  readonly want?: readonly ByteRange[]
  readonly format?: string
}

export async function init(
  server: DeliveryServer,
  listener: Listener,
  file: Pick<StoredFile, 'contentId' | 'contentType'>,
  { attemptId, want = [], format }: InitOptions = {},
): Promise<Answer<Grant>> {
  const { contentId, contentType } = file
  const json = {
    ...{ contentType, contentId, want },
    ...(attemptId === undefined ? {} : { attemptId }),
    ...(format === undefined ? {} : { format }),
  }
  const answer = await send(server, { ...listener, method: 'POST', target: delivery.init.path, json })
  return { ...answer, body: JSON.parse(answer.body.toString()) as Grant }
}

/** `init` for one range that must be granted; answers its token. */
export async function tokenFor(
  server: DeliveryServer,
  listener: Listener,
  file: StoredFile,
  range: ByteRange = [0, file.sizeBytes - 1],
  attemptId?: string,
): Promise<{ token: string; attemptId: string }> {
  const { status, body } = await init(server, listener, file, {
    want: [range],
    ...(attemptId === undefined ? {} : { attemptId }),
  })
  const [granted] = body.tokens ?? []
  if (status !== 200 || granted === undefined) throw new Error(`init answered ${status} ${body.code}`)
  return { token: granted.token, attemptId: body.attempt.id }
}

export interface GetOptions {
  readonly range?: ByteRange | string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
}

export function fileRequest(
  listener: Listener,
  token: string,
  { range, headers = {}, method = 'GET' }: GetOptions = {},
): RawRequest {
  const header = typeof range === 'object' ? `bytes=${range[0]}-${range[1]}` : range
  return {
    ...listener,
    method,
    target: `/api/download/file?token=${token}`,
    headers: { ...(header === undefined ? {} : { range: header }), ...headers },
  }
}

/** The whole answer of a GET of bytes. */
export function get(
  server: DeliveryServer,
  listener: Listener,
  token: string,
  options: GetOptions = {},
): Promise<Answer> {
  return send(server, fileRequest(listener, token, options))
}

/** Reads what still comes until the connection ends: how many bytes, and whether it was cut before the promised end. */
export async function drain(response: IncomingMessage): Promise<{ bytes: number; isCut: boolean }> {
  let bytes = 0
  try {
    for await (const chunk of response) bytes += (chunk as Buffer).length
    return { bytes, isCut: false }
  } catch {
    return { bytes, isCut: true }
  }
}

/** The code of a problem document. */
export function codeOf({ body }: Answer): string | undefined {
  return (JSON.parse(body.toString()) as { code?: string }).code
}

async function settle(
  server: DeliveryServer,
  listener: Listener,
  target: string,
  json: object,
): Promise<{ status: number; state?: string; code?: string }> {
  const answer = await send(server, { ...listener, method: 'POST', target, json })
  return { status: answer.status, ...(JSON.parse(answer.body.toString()) as { state?: string; code?: string }) }
}

export function complete(server: DeliveryServer, listener: Listener, attemptId: string, segmentRoot: string) {
  return settle(server, listener, delivery.complete.path, { attemptId, segmentRoot })
}

/** What the server refuses of several arrivals, in their order. */
export async function completeMany(server: DeliveryServer, listener: Listener, files: readonly Completion[]) {
  const answer = await send(server, {
    ...listener,
    method: 'POST',
    target: delivery.completeMany.path,
    json: { files },
  })
  const body = JSON.parse(answer.body.toString()) as { files?: { attemptId: string; refusal: string | null }[] }
  return { status: answer.status, refusals: body.files?.map(({ refusal }) => refusal) }
}

export function cancel(server: DeliveryServer, listener: Listener, attemptId: string) {
  return settle(server, listener, delivery.cancel.path, { attemptId })
}

/** The attempt's row, by the service role. */
export async function attemptRow(server: DeliveryServer, id: string) {
  const row = await server.asService((tx) =>
    tx.selectFrom('download_attempts').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
  )
  return { ...row, bytes_served: Number(row.bytes_served), bytes_reserved: Number(row.bytes_reserved) }
}

/** Reasons of the refusals in the download log, oldest first. */
export async function refusals(server: DeliveryServer): Promise<(string | null)[]> {
  const rows = await server.asService((tx) =>
    tx.selectFrom('download_logs').select('reason').where('event', '=', 'refused').orderBy('created_at').execute(),
  )
  return rows.map(({ reason }) => reason)
}

/** Kinds of the flags raised so far, sorted. */
export async function flags(server: DeliveryServer): Promise<string[]> {
  const rows = await server.asService((tx) => tx.selectFrom('abuse_flags').select('kind').execute())
  return rows.map(({ kind }) => kind).sort()
}

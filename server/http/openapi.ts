import { z } from 'zod'
import type { CallDefinition } from '../../contract/call.ts'
import { ERRORS, type ErrorCode } from '../../contract/errors.ts'
import { callsByName } from '../../contract/index.ts'

const ALWAYS: readonly ErrorCode[] = ['malformed-request', 'invalid-input', 'rate-limited', 'server-busy', 'internal']

/** The OpenAPI 3.1 document of every call that the server answers, made from the contract. */
export function openapiDocument({ version, origin }: { version: string; origin: string }): object {
  const calls = [...callsByName.values()].filter(({ runs }) => runs === 'server')
  return {
    openapi: '3.1.0',
    info: {
      title: 'MixMint token API',
      version,
      description:
        'Store, checkout, entitlement and delivery. Calls that act for a device carry a DPoP proof (RFC 9449) with a server nonce.',
    },
    servers: [{ url: origin }],
    components: {
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        deviceProof: { type: 'apiKey', in: 'header', name: 'DPoP' },
      },
      schemas: {
        Problem: {
          type: 'object',
          required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
          properties: {
            type: { type: 'string' },
            title: { type: 'string' },
            status: { type: 'integer' },
            detail: { type: 'string' },
            code: { type: 'string', enum: Object.keys(ERRORS) },
            requestId: { type: 'string' },
            errors: { type: 'object', additionalProperties: { type: 'string' } },
          },
        },
      },
    },
    paths: {
      ...Object.fromEntries(calls.map((call) => [call.path, operation(call)])),
      '/api/download/file': fileOperation(),
    },
  }
}

function operation(call: CallDefinition): object {
  const input = jsonSchema(call.input, 'input')
  const request =
    call.kind === 'command'
      ? { requestBody: { required: true, content: { 'application/json': { schema: input } } } }
      : { parameters: [{ name: 'input', in: 'query', content: { 'application/json': { schema: input } } }] }
  return {
    [call.kind === 'query' ? 'get' : 'post']: {
      operationId: call.name,
      summary: call.about,
      tags: [call.name.split('.')[0]],
      security: securityOf(call),
      ...request,
      responses: {
        200: {
          description: 'The answer',
          content: { 'application/json': { schema: jsonSchema(call.output, 'output') } },
        },
        ...problems([...ALWAYS, ...call.errors]),
      },
    },
  }
}

function securityOf({ proof }: CallDefinition): object[] {
  if (proof === 'none') return []
  if (proof === 'optional') return [{}, { session: [] }]
  return proof === 'session' ? [{ session: [] }] : [{ session: [], deviceProof: [] }]
}

function problems(codes: readonly ErrorCode[]): Record<number, object> {
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => [
      status,
      {
        description: group.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join('; '),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  )
}

function jsonSchema(type: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...schema } = z.toJSONSchema(type, { io, unrepresentable: 'any' })
  return schema
}

function fileOperation(): object {
  return {
    get: {
      operationId: 'delivery.file',
      summary: 'The bytes of one granted range; the token works once.',
      tags: ['delivery'],
      security: [{ session: [], deviceProof: [] }],
      parameters: [
        { name: 'token', in: 'query', required: true, schema: { type: 'string' } },
        { name: 'Range', in: 'header', schema: { type: 'string' }, example: 'bytes=0-4194303' },
        { name: 'If-Match', in: 'header', schema: { type: 'string' } },
      ],
      responses: {
        200: { description: 'The whole file', content: { 'application/octet-stream': {} } },
        206: { description: 'The range', content: { 'application/octet-stream': {} } },
        ...problems([
          'not-signed-in',
          'use-dpop-nonce',
          'token-unknown',
          'token-used',
          'token-expired',
          'token-wrong-device',
          'attempt-closed',
          'range-not-granted',
          'ip-locked',
          'byte-budget',
          'content-changed',
          'range-not-satisfiable',
          'storage-unavailable',
        ]),
      },
    },
  }
}

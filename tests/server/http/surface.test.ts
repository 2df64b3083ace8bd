import { request as httpRequest } from 'node:http'
import { beforeAll, describe, expect, test } from 'vitest'
import { ERRORS } from '../../../contract/errors.ts'
import { callsByName } from '../../../contract/index.ts'
import { freshDatabase } from '../../_kit/databases.ts'
import { seedPeople } from '../../_kit/people.ts'
import { stockTracks } from '../../_kit/shop.ts'
import { startTestServer, type TestServer } from '../../_kit/start-server.ts'

describe('the HTTP surface of the server', () => {
  let server: TestServer
  beforeAll(async () => {
    const database = await freshDatabase('PostgreSQL')
    server = await startTestServer({ db: database.db })
    await seedPeople(database.db)
    await stockTracks(database.db, [{ name: 'night one' }, { name: 'night two' }], server.clock)
    return async () => {
      await server[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    }
  })

  const get = (path: string, headers: Record<string, string> = {}) => fetch(`${server.address}${path}`, { headers })
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${server.address}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })

  async function problemOf(response: Response): Promise<Record<string, unknown>> {
    expect(response.headers.get('content-type')).toContain('application/problem+json')
    const problem = (await response.json()) as Record<string, unknown>
    expect(Object.keys(problem)).toEqual(
      expect.arrayContaining(['type', 'title', 'status', 'detail', 'code', 'requestId']),
    )
    expect(problem['status']).toBe(response.status)
    expect(problem['requestId']).toBe(response.headers.get('x-request-id'))
    expect(JSON.stringify(problem)).not.toMatch(/\bat .+\.ts:\d+|select |insert |node_modules/)
    return problem
  }

  /** A raw request, because fetch sets Host itself. */
  function withHost(host: string, path = '/api/app/serverInfo'): Promise<number> {
    const { hostname, port } = new URL(server.address)
    return new Promise((resolve, reject) => {
      const request = httpRequest({ hostname, port, path, headers: { host } }, (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      })
      request.once('error', reject).end()
    })
  }

  test('R-DC-17: the server runs by itself and says that it is well', async () => {
    const response = await get('/healthz')
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ status: 'ok', version: expect.stringMatching(/^\d/) })
  })

  test('a query is a plain value, with a request id, a nonce and no-store', async () => {
    const response = await get(`/api/catalogue/listTracks?input=${encodeURIComponent('{"query":"nigth"}')}`)
    expect(response.status).toBe(200)
    expect(((await response.json()) as { items: unknown[] }).items).toHaveLength(2)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('dpop-nonce')).toBeTruthy()
    expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(response.headers.get('access-control-allow-origin')).toBeNull()
  })

  test.each([
    ['a query that is no JSON', () => get('/api/catalogue/listTracks?input={'), 400, 'malformed-request'],
    [
      'a body that is no JSON',
      () => post('/api/identity/revokeDevice', '{', { authorization: 'Bearer x' }),
      400,
      'malformed-request',
    ],
    ['a field of the wrong kind', () => get('/api/catalogue/listTracks?input={"limit":"many"}'), 422, 'invalid-input'],
    ['a path that nothing answers', () => get('/api/nothing/here'), 404, 'unknown-call'],
    ['no session where one is needed', () => get('/api/identity/me'), 401, 'not-signed-in'],
    [
      'a session that is none',
      () => get('/api/identity/me', { authorization: 'Bearer not.a.token' }),
      401,
      'not-signed-in',
    ],
    [
      'a body of two megabytes',
      () => post('/api/identity/revokeDevice', `"${'x'.repeat(2_000_000)}"`),
      413,
      'too-large',
    ],
    ['a webhook of an unknown vendor', () => post('/api/webhooks/nobody', '{}'), 404, 'not-found'],
    ['a webhook without a signature', () => post('/api/webhooks/sandbox', '{}'), 400, 'bad-signature'],
    [
      'HEAD on the file route',
      () => fetch(`${server.address}/api/download/file?token=x`, { method: 'HEAD' }),
      405,
      null,
    ],
  ] as const)('answers %s with its problem', async (_, send, status, code) => {
    const response = await send()
    expect(response.status).toBe(status)
    if (code !== null) expect((await problemOf(response))['code']).toBe(code)
  })

  test('invalid input names each field', async () => {
    const problem = await problemOf(await get('/api/catalogue/listTracks?input={"limit":0,"key":"13C"}'))
    expect(Object.keys(problem['errors'] as object).sort()).toEqual(['key', 'limit'])
  })

  test.each([
    ['127.0.0.1', 200],
    ['localhost', 200],
    ['localhost:1', 200],
    ['[::1]:4871', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['localhost.evil.example', 421],
    ['evil.example:4871', 421],
    ['127.0.0.1@evil.example', 421],
  ])('a request for host "%s" is answered %i', async (host, status) => {
    expect(await withHost(host)).toBe(status)
  })

  test('the OpenAPI document lists every call of the server with its problems, and the page for people too', async () => {
    const document = (await (await get('/api/openapi.json')).json()) as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, { description: string }> }>>
      components: { schemas: { Problem: { properties: { code: { enum: string[] } } } } }
    }
    expect(document.openapi).toBe('3.1.0')
    expect(document.components.schemas.Problem.properties.code.enum).toEqual(Object.keys(ERRORS))
    const calls = [...callsByName.values()].filter(({ runs }) => runs === 'server')
    expect(calls.length).toBeGreaterThan(20)
    for (const call of calls) {
      const operation = document.paths[call.path]?.[call.kind === 'query' ? 'get' : 'post']
      expect(operation?.operationId, call.path).toBe(call.name)
      for (const code of call.errors)
        expect(operation?.responses[ERRORS[code].status]?.description, `${call.name} ${code}`).toContain(code)
    }
    const page = await (await get('/api/docs')).text()
    for (const call of calls) expect(page).toContain(call.path)
    expect(page).not.toContain('<script')
  })

  test('R-MM-14: no answer of the catalogue carries a private key of the store', async () => {
    const answers = await Promise.all(
      ['home', 'listTracks', 'listPacks', 'listDjs', 'listGenres'].map(async (call) =>
        (await get(`/api/catalogue/${call}`)).text(),
      ),
    )
    expect(answers.join()).toContain('night one')
    expect(answers.join()).not.toMatch(/objects\/[0-9a-f]{64}|file_?key/i)
  })

  test('R-MM-49: nothing serves the private store', async () => {
    for (const path of [
      '/objects/aa/bb',
      `/media/master/${'a'.repeat(64)}`,
      '/media/cover/..%2f..%2fobjects',
      '/media/../objects/x',
    ])
      expect((await get(path)).status, path).toBe(404)
  })
})

import { describe, expect, test } from 'vitest'
import { type RequestOrigin, type RouteKind, refuse } from './request-guard.ts'

const PORT = 4870
const KINDS: readonly RouteKind[] = ['page', 'return', 'api', 'media']
const OWN: RequestOrigin = {
  method: 'GET',
  target: '/',
  hosts: [`127.0.0.1:${PORT}`],
  origin: undefined,
  secFetchSite: undefined,
  secFetchMode: undefined,
  secFetchDest: undefined,
}
const statusOf = (change: Partial<RequestOrigin>, kind: RouteKind) =>
  refuse({ ...OWN, ...change }, kind, PORT)?.status ?? 200

describe('R-DC-05: a name that is not this computer is refused on every route, before anything else', () => {
  const FOREIGN_HOSTS: readonly (readonly string[])[] = [
    [],
    [''],
    ['127.0.0.1'],
    ['localhost'],
    ['127.0.0.1:80'],
    ['127.0.0.1:4871'],
    ['127.0.0.1:04870'],
    ['127.0.0.1:4870.'],
    ['127.0.0.1.:4870'],
    ['localhost.:4870'],
    ['localhost:4870,evil.example'],
    [`127.0.0.1:${PORT}`, `127.0.0.1:${PORT}`],
    [`127.0.0.1:${PORT}`, 'evil.example'],
    ['evil.example'],
    ['evil.example:4870'],
    ['127.0.0.1.evil.example:4870'],
    ['127.0.0.1:4870@evil.example'],
    ['evil.example@127.0.0.1:4870'],
    ['127.0.0.2:4870'],
    ['0.0.0.0:4870'],
    ['[::]:4870'],
    ['[::ffff:127.0.0.1]:4870'],
    ['192.168.1.10:4870'],
    ['2130706433:4870'],
    ['0x7f000001:4870'],
    ['127.1:4870'],
    [' 127.0.0.1:4870'],
    ['127.0.0.1:4870\t'],
    ['app'],
    ['mixmint'],
  ]
  test.each(FOREIGN_HOSTS.flatMap((hosts) => KINDS.map((kind) => [JSON.stringify(hosts), kind, hosts] as const)))(
    'Host %s on %s',
    (_, kind, hosts) => {
      expect(statusOf({ hosts }, kind)).toBe(421)
    },
  )

  test.each(
    ['127.0.0.1', 'localhost', 'LocalHost', '[::1]'].flatMap((name) => KINDS.map((kind) => [name, kind] as const)),
  )('Host %s:4870 on %s is this computer', (name, kind) => {
    expect(statusOf({ hosts: [`${name}:${PORT}`] }, kind)).toBe(200)
  })

  test.each(['http://evil.example/', 'http://127.0.0.1:4870/', '*', 'evil.example:443', ''])(
    'the request target %s is no path',
    (target) => {
      expect(statusOf({ target }, 'page')).toBe(421)
    },
  )
})

describe('R-DC-05: no page of another site reaches calls, events, tickets or media', () => {
  const FOREIGN = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:4871' },
    { origin: 'http://127.0.0.1' },
    { origin: 'https://127.0.0.1:4870' },
    { origin: 'http://localhost:4870' },
    { origin: 'http://127.0.0.1:4870.evil.example' },
    { origin: '' },
    { secFetchSite: 'cross-site' },
    { secFetchSite: 'same-site' },
    { secFetchSite: 'cross-site', secFetchMode: 'no-cors', secFetchDest: 'image' },
    { secFetchSite: 'cross-site', secFetchMode: 'cors', secFetchDest: 'empty' },
    { secFetchSite: 'cross-site', secFetchMode: 'navigate', secFetchDest: 'document' },
    { secFetchSite: 'cross-site', secFetchMode: 'navigate', secFetchDest: 'iframe' },
    { secFetchSite: 'cross-site', secFetchMode: 'websocket', secFetchDest: 'websocket' },
    { secFetchSite: 'anything else' },
  ]
  test.each(
    FOREIGN.flatMap((from) =>
      (['api', 'media'] as const).flatMap((kind) =>
        (kind === 'api' ? ['GET', 'POST'] : ['GET', 'HEAD']).map(
          (method) => [JSON.stringify(from), method, kind, from] as const,
        ),
      ),
    ),
  )('%s %s on %s', (_, method, kind, from) => {
    expect(statusOf({ ...from, method }, kind)).toBe(403)
  })

  test.each([
    { origin: 'http://127.0.0.1:4870', secFetchSite: 'same-origin', secFetchMode: 'cors', secFetchDest: 'empty' },
    { secFetchSite: 'same-origin', secFetchMode: 'no-cors', secFetchDest: 'audio' },
    {},
  ])('%o is our own page or a program of this computer', (from) => {
    expect(statusOf({ ...from, method: 'GET' }, 'api')).toBe(200)
    expect(statusOf({ ...from, method: 'GET' }, 'media')).toBe(200)
  })

  test('another site may open the app or a return page in a tab, and nothing else', () => {
    const tab = { secFetchSite: 'cross-site', secFetchMode: 'navigate', secFetchDest: 'document' }
    expect(statusOf(tab, 'page')).toBe(200)
    expect(statusOf(tab, 'return')).toBe(200)
    for (const kind of ['page', 'return'] as const) {
      expect(statusOf({ ...tab, secFetchDest: 'iframe' }, kind)).toBe(403)
      expect(statusOf({ ...tab, secFetchMode: 'no-cors', secFetchDest: 'script' }, kind)).toBe(403)
      expect(statusOf({ ...tab, secFetchMode: 'no-cors', secFetchDest: 'image' }, kind)).toBe(403)
      expect(statusOf({ ...tab, secFetchMode: 'cors', secFetchDest: 'empty' }, kind)).toBe(403)
    }
  })
})

describe('methods', () => {
  const ALLOWED: Record<RouteKind, readonly string[]> = {
    page: ['GET', 'HEAD'],
    return: ['GET'],
    api: ['GET', 'POST'],
    media: ['GET', 'HEAD'],
  }
  const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND']
  test.each(KINDS.flatMap((kind) => METHODS.map((method) => [method, kind] as const)))('%s on %s', (method, kind) => {
    expect(statusOf({ method }, kind)).toBe(ALLOWED[kind].includes(method) ? 200 : 405)
  })
})

import { expect } from 'vitest'
import type { ErrorCode } from '../../../../contract/errors.ts'
import { page, refuses, says, saysBytes } from '../answers.ts'
import { DONE, type FaultCase, type Standing } from '../case.ts'
import type { Scene } from '../scene.ts'

/** The first refusal of each token happens before it is used. */
function refuseTokens(scene: Scene, code: ErrorCode, times: number): void {
  let asked = 0
  scene.server.rules.beforeToken = (_, refuse) => {
    asked += 1
    scene.notes.set('refused', asked)
    if (asked > times) return false
    refuse(code)
    return true
  }
}

/** `init` is refused: the download stands as declared, and, where that can be cured, goes on afterwards. */
function refusedInit(number: number, code: ErrorCode, meanwhile: Standing, ends: 'goes on' | 'ends'): FaultCase {
  return {
    number,
    what: `init answers ${code}`,
    by: 'the server',
    make: (scene) => scene.refuseCalls('init', code, Number.POSITIVE_INFINITY),
    connections: [1, 4],
    again: 'nothing',
    ...(ends === 'ends'
      ? { end: meanwhile, starts: ['fresh'], attempts: 0 }
      : {
          meanwhile,
          async cure(scene) {
            scene.honest()
            await scene.rig.delivery.retry(undefined, { downloadId: scene.downloadId })
          },
          end: DONE,
        }),
  }
}

/** A call or a request for bytes answers with trouble of the server for a while. */
function burst(status: string, times: number): FaultCase {
  return {
    number: 49,
    what: `${status} to the first ${times} requests for bytes`,
    by: 'the server',
    make: (scene) => scene.first(page(status), times),
    end: DONE,
    again: 'what was on its way',
  }
}

const GARBAGE: readonly (readonly [string, (scene: Scene) => Parameters<Scene['first']>[0]])[] = [
  ['another protocol', () => says('SSH-2.0-OpenSSH_9.2\r\n\r\n')],
  ['a status line alone', () => says('HTTP/1.1 206 Partial Content\r\n')],
  ['a status that is no number', () => says('HTTP/1.1 2x6 Partial\r\nContent-Length: 5\r\n\r\nhello')],
  ['a header line without a colon', () => says('HTTP/1.1 206 OK\r\nContent-Length 5\r\n\r\nhello')],
  ['a folded header line', () => says('HTTP/1.1 206 OK\r\nETag: "a"\r\n b\r\nContent-Length: 5\r\n\r\nhello')],
  ['a NUL in a header', () => says('HTTP/1.1 206 OK\r\nETag: "a\0b"\r\nContent-Length: 5\r\n\r\nhello')],
  ['a header of two megabytes', () => says(`HTTP/1.1 206 OK\r\nX-Long: ${'x'.repeat(2 * 2 ** 20)}\r\n\r\n`)],
  ['a thousand headers', () => says(`HTTP/1.1 206 OK\r\n${'X-One: 1\r\n'.repeat(20_000)}\r\n`)],
  ['an endless head', () => says(`HTTP/1.1 206 OK\r\n${'X'.repeat(2 ** 20)}`)],
  ['random bytes', (scene) => saysBytes(scene.random.bytes(4096))],
  ['a negative Content-Length', () => says('HTTP/1.1 206 OK\r\nContent-Length: -5\r\n\r\nhello')],
  ['nothing but line ends', () => says('\r\n'.repeat(2000))],
]

/** Cases 40 to 50 as the client sees them; the same against the real server stand in real-server.test.ts. */
export const PROTOCOL_CASES: readonly FaultCase[] = [
  {
    number: 40,
    what: 'the session ends in the queue: it is renewed, and the same token is sent again',
    by: 'the server',
    make: (scene) => refuseTokens(scene, 'not-signed-in', 1),
    end: DONE,
    again: 'nothing',
    check({ rig, connections }) {
      expect(rig.renewals.count).toBe(1)
      if (connections === 1) expect(rig.signed[0]).toBe(rig.signed[1])
    },
  },
  refusedInit(40, 'session-expired', { status: 'needs-sign-in', code: 'session-expired' }, 'goes on'),
  {
    number: 41,
    what: 'a new nonce is wanted, once for each connection',
    by: 'the server',
    make: (scene) => refuseTokens(scene, 'use-dpop-nonce', 1),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 41,
    what: 'a new nonce is wanted every time: asked twice for each try, never in a loop',
    by: 'the server',
    make: (scene) => refuseTokens(scene, 'use-dpop-nonce', Number.POSITIVE_INFINITY),
    meanwhile: { status: 'stalled', code: 'use-dpop-nonce' },
    cure(scene) {
      scene.notes.set('asked', scene.notes.get('refused'))
      scene.honest()
    },
    end: DONE,
    again: 'what was on its way',
    check: ({ notes, connections }) => expect(notes.get('asked')).toBeLessThanOrEqual(2 * connections),
  },
  ...(['token-expired', 'token-unknown'] as const).map(
    (code): FaultCase => ({
      number: 42,
      what: `${code}: a new token of the same attempt`,
      by: 'the server',
      make: (scene) => scene.first(refuses(code)),
      end: DONE,
      again: 'nothing',
    }),
  ),
  {
    number: 43,
    what: 'token-used: something on the way repeated the request',
    by: 'the server',
    make: (scene) => scene.first(refuses('token-used')),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 43,
    what: 'token-used, whatever token is sent: told after a few tries',
    by: 'the server',
    make: (scene) => scene.always(refuses('token-used')),
    meanwhile: { status: 'stalled', code: 'token-used' },
    cure: (scene) => scene.honest(),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 44,
    what: 'ip-locked in the middle: the network changed, the same attempt goes on',
    by: 'the server',
    make: (scene) => scene.first(refuses('ip-locked')),
    end: DONE,
    again: 'nothing',
  },
  refusedInit(45, 'rebind-limit', { status: 'needs-sign-in', code: 'rebind-limit' }, 'goes on'),
  refusedInit(46, 'device-revoked', { status: 'needs-device', code: 'device-revoked' }, 'goes on'),
  {
    number: 46,
    what: 'device-revoked in the middle: the part stays',
    by: 'the server',
    make: (scene) => {
      scene.always(refuses('device-revoked'))
      scene.refuseCalls('init', 'device-revoked', 0)
    },
    starts: ['resumed'],
    end: { status: 'needs-device', code: 'device-revoked' },
    again: 'nothing',
    check: async (_, { receivedBytes }) => expect(receivedBytes).toBeGreaterThan(0),
  },
  refusedInit(47, 'content-revoked', { status: 'ended', code: 'content-revoked' }, 'ends'),
  ...(
    ['no-entitlement', 'attempts-exhausted', 'quota-exhausted', 'subscription-expired', 'account-suspended'] as const
  ).map((code) => refusedInit(47, code, { status: 'failed', code }, 'ends')),
  {
    number: 47,
    what: 'attempt-closed to the first requests: a new token, perhaps of a new attempt',
    by: 'the server',
    make: (scene) => scene.first(refuses('attempt-closed')),
    end: DONE,
    again: 'nothing',
  },
  ...[
    ['in seconds', '7', 7_000, 20_000],
    ['as a date', 'Sat, 14 Mar 2026 09:26:40 GMT', 0, 60_000],
    ['in words', 'soon', 0, 60_000],
    ['of 40 years', '1262304000', 3_599_000, 3_620_000],
    ['below zero', '-5', 0, 60_000],
  ].map(
    ([what, value, least, most]): FaultCase => ({
      number: 48,
      what: `429 with Retry-After ${what}`,
      by: 'the server',
      make(scene) {
        scene.notes.set('began', scene.clock.now())
        scene.refuseCalls('init', 'rate-limited', 1, `Retry-After: ${value}\r\n`)
      },
      connections: [1],
      meanwhile: { status: 'stalled', code: 'rate-limited' },
      end: DONE,
      again: 'nothing',
      check({ rig, notes }) {
        const told = rig.events.find(
          (event) => event.type === 'delivery.progressed' && event.download.status === 'stalled',
        )
        const retryAt = told?.type === 'delivery.progressed' ? told.download.retryAt : null
        const wait = Date.parse(retryAt ?? '') - Number(notes.get('began'))
        expect(wait).toBeGreaterThanOrEqual(Number(least) - 5)
        expect(wait).toBeLessThanOrEqual(Number(most))
      },
    }),
  ),
  burst('500 Internal Server Error', 2),
  burst('502 Bad Gateway', 4),
  burst('503 Service Unavailable', 12),
  burst('504 Gateway Timeout', 20),
  {
    number: 49,
    what: 'a minute of 503 to every call',
    by: 'the server',
    make: (scene) => scene.refuseCalls('init', 'server-busy', 9),
    meanwhile: { status: 'stalled', code: 'server-busy' },
    end: DONE,
    again: 'nothing',
  },
  {
    number: 49,
    what: 'the file store is away for a while',
    by: 'the server',
    make: (scene) => scene.first(refuses('storage-unavailable', 'Retry-After: 5\r\n'), 10),
    end: DONE,
    again: 'what was on its way',
  },
  ...GARBAGE.map(
    ([what, answer]): FaultCase => ({
      number: 50,
      what,
      by: 'the server',
      make: (scene) => scene.first(answer(scene)),
      end: DONE,
      again: 'nothing',
    }),
  ),
  {
    number: 50,
    what: 'init contradicts itself about size, segments and root',
    by: 'the server',
    make(scene) {
      const { object } = scene
      scene.server.rules.granted = (answer) => ({
        ...answer,
        object: { ...answer.object, sizeBytes: 10, segmentSize: 10, segmentRoot: object.sha256 },
      })
    },
    starts: ['fresh'],
    end: { status: 'stalled', code: 'corrupt-source' },
    again: 'nothing',
    check: ({ server }) => expect(server.seen.files).toBe(0),
  },
  ...[
    ['half a JSON text', 'application/json', '{"attempt":'],
    ['a page', 'text/html', '<html>'],
    ['JSON of another shape', 'application/json', '{"attempt":7}'],
    ['nothing', 'application/json', ''],
    ['JSON nested too deeply to be meant', 'application/json', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ].map(
    ([what, type, text]): FaultCase => ({
      number: 50,
      what: `init answers ${what}`,
      by: 'the server',
      make(scene) {
        let asked = 0
        scene.server.rules.call = (name, reply) => {
          if (name !== 'init' || ++asked > 1) return false
          reply('200 OK', String(type), String(text))
          return true
        }
      },
      connections: [1],
      end: DONE,
      again: 'nothing',
    }),
  ),
]

import { expect } from 'vitest'
import { type ConnectProxy, type ProxyMood, startConnectProxy } from '../../../_kit/connect-proxy.ts'
import { makeCertificate, type TestAuthority } from '../../../_kit/test-certificates.ts'
import { startTlsFront, trustToo } from '../../../_kit/tls-front.ts'
import { DONE, type FaultCase } from '../case.ts'
import type { Scene } from '../scene.ts'

const DAY_MS = 86_400_000
const UNTRUSTED = { status: 'failed', code: 'untrusted-server' } as const

/** Puts TLS in front of the server; the authority is trusted unless the case is about that. */
async function secure(
  scene: Scene,
  make: (authority: TestAuthority) => Parameters<typeof startTlsFront>[1],
  isTrusted = true,
): Promise<void> {
  const authority = makeCertificate({ name: 'Test authority' })
  const front = await startTlsFront(scene.server.port, make(authority))
  const forget = isTrusted ? trustToo(authority) : () => {}
  scene.onClose(async () => {
    forget()
    await front.close()
  })
  scene.byteAddress = front.address
}

function badCertificate(
  what: string,
  make: (authority: TestAuthority) => Parameters<typeof startTlsFront>[1],
  isTrusted = true,
): FaultCase {
  return {
    number: 36,
    what,
    by: 'TLS',
    make: (scene) => secure(scene, make, isTrusted),
    connections: [1, 4],
    end: UNTRUSTED,
    again: 'nothing',
    // Not one request gets through, and nothing is tried in a storm.
    check({ server, connections }) {
      expect(server.seen.files).toBe(0)
      expect(server.seen.inits).toBeLessThanOrEqual(connections + 2)
    },
  }
}

const HOSTS = ['127.0.0.1']

function proxied(what: string, mood: ProxyMood, meanwhile: FaultCase['meanwhile']): FaultCase {
  return {
    number: 38,
    what,
    by: 'a proxy of the network',
    async make(scene) {
      const proxy = await startConnectProxy(mood)
      scene.onClose(() => proxy.close())
      scene.notes.set('proxy', proxy)
      scene.byteProxy = proxy.address
    },
    ...(meanwhile === undefined ? {} : { meanwhile }),
    cure(scene) {
      ;(scene.notes.get('proxy') as ConnectProxy).state.mood = 'tunnel'
    },
    end: DONE,
    again: 'nothing',
    check({ notes }) {
      expect((notes.get('proxy') as ConnectProxy).state.tunnels).toBeGreaterThan(0)
    },
  }
}

const REFUSED = { status: 'stalled', code: 'proxy-refused' } as const

/** Cases 36 to 38: TLS and the proxies of networks. */
export const NETWORK_CASES: readonly FaultCase[] = [
  badCertificate(
    'a certificate that nobody known has signed',
    () => {
      const own = makeCertificate({ name: 'self' })
      return makeCertificate({ name: 'server', hosts: HOSTS, by: own })
    },
    false,
  ),
  badCertificate('a certificate signed by itself', () => makeCertificate({ name: 'self' }), false),
  badCertificate('a certificate that has expired', (by) =>
    makeCertificate({ name: 'server', hosts: HOSTS, by, until: new Date(Date.now() - DAY_MS) }),
  ),
  badCertificate('a certificate that is not valid yet', (by) =>
    makeCertificate({ name: 'server', hosts: HOSTS, by, from: new Date(Date.now() + DAY_MS) }),
  ),
  badCertificate('a certificate of another host', (by) =>
    makeCertificate({ name: 'server', hosts: ['other.example'], by }),
  ),
  badCertificate('a server that knows only TLS 1.1', (by) => ({
    ...makeCertificate({ name: 'server', hosts: HOSTS, by }),
    more: { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
  })),
  {
    number: 36,
    what: 'a certificate that holds',
    by: 'TLS',
    make: (scene) => secure(scene, (by) => makeCertificate({ name: 'server', hosts: HOSTS, by })),
    end: DONE,
    again: 'nothing',
  },
  {
    number: 37,
    what: 'TLS is cut without its goodbye: the count decides',
    by: 'TLS',
    make: (scene) =>
      secure(scene, (by) => ({
        ...makeCertificate({ name: 'server', hosts: HOSTS, by }),
        cut: { at: 30_000, times: scene.connections },
      })),
    end: DONE,
    // The front had the rest of each answer, and let it go.
    again: 'what was on its way',
  },
  proxied('a proxy wants credentials', 'wants-credentials', REFUSED),
  proxied('a proxy refuses CONNECT', 'forbids', REFUSED),
  proxied('a proxy answers CONNECT with a page', 'shows-a-page', REFUSED),
  proxied('a proxy hangs up', 'hangs-up', REFUSED),
  proxied('a proxy lets through', 'tunnel', undefined),
]

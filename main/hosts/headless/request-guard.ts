/** What a request says of where it comes from; names in lower case. */
export interface RequestOrigin {
  readonly method: string
  /** The request target as it came. */
  readonly target: string
  /** Every `Host` header that came. */
  readonly hosts: readonly string[]
  readonly origin: string | undefined
  readonly secFetchSite: string | undefined
  readonly secFetchMode: string | undefined
  readonly secFetchDest: string | undefined
}

/** `page`: the app's document and its files. `return`: pages that a browser comes back to. `api`: calls, events, tickets. `media`: bytes by ticket. */
export type RouteKind = 'page' | 'return' | 'api' | 'media'

export interface Refusal {
  readonly status: 403 | 405 | 421
  readonly reason: string
}

const METHODS: Readonly<Record<RouteKind, readonly string[]>> = {
  page: ['GET', 'HEAD'],
  return: ['GET'],
  api: ['GET', 'POST'],
  media: ['GET', 'HEAD'],
}

/**
 * Whether a request may reach its route, before any handler; null: it may. The name it asks for must be this computer's loopback (DNS
 * rebinding), and no page of another origin may send it (CSRF); only opening a page in a tab may begin elsewhere.
 */
export function refuse(request: RequestOrigin, kind: RouteKind, port: number): Refusal | null {
  const [host, ...otherHosts] = request.hosts
  if (host === undefined || otherHosts.length > 0 || !ownHosts(port).includes(host.toLowerCase()))
    return { status: 421, reason: 'the host name is not of this computer' }
  if (!request.target.startsWith('/')) return { status: 421, reason: 'the request target is not a path' }
  if (!METHODS[kind].includes(request.method)) return { status: 405, reason: 'the method is not allowed' }
  return isForeign(request, kind, host) ? { status: 403, reason: 'the request comes from another site' } : null
}

function ownHosts(port: number): string[] {
  return [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]
}

function isForeign(request: RequestOrigin, kind: RouteKind, host: string): boolean {
  const { origin, secFetchSite, secFetchMode, secFetchDest } = request
  const isOpeningTab =
    request.method === 'GET' &&
    (secFetchMode ?? 'navigate') === 'navigate' &&
    (secFetchDest ?? 'document') === 'document'
  if ((kind === 'page' || kind === 'return') && isOpeningTab) return false
  if (kind === 'return') return true
  if (origin !== undefined && origin !== `http://${host.toLowerCase()}`) return true
  return secFetchSite !== undefined && secFetchSite !== 'same-origin' && secFetchSite !== 'none'
}

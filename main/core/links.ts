import { z } from 'zod'
import { Id } from '../../contract/values.ts'

/** What a link asks of the app: known actions with ids only, never an address, a path or a token to use. */
export type LinkAction =
  | { readonly type: 'finish-sign-in'; readonly code: string }
  | { readonly type: 'check-payment'; readonly paymentId: string }
  | { readonly type: 'navigate'; readonly route: string }

const Code = z.string().regex(/^[\w.~-]{1,500}$/)
const Slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/)
const PLACES = new Set(['library', 'downloads', 'crates', 'search'])

/**
 * Reads `mixmint://auth/callback?code=…`, `mixmint://payment/<id>`, `mixmint://track|pack/<id>`, `mixmint://dj|kit/<slug>`, the places of the app,
 * and the paths of return pages (`/return/auth?code=…`, `/return/payment/<id>`); null for anything else.
 */
export function readLink(link: string): LinkAction | null {
  if (link.length > 2000) return null
  const parts = partsOf(link)
  if (parts === null) return null
  const [first, second, ...rest] = parts.path
  if (rest.length > 0) return null
  if (first === 'auth' && (second === 'callback' || second === undefined)) {
    const code = Code.safeParse(parts.query.get('code'))
    return code.success ? { type: 'finish-sign-in', code: code.data } : null
  }
  if (first === 'payment') {
    const named = second ?? parts.query.get('payment') ?? parts.query.get('paymentId')
    const paymentId = Id.safeParse(named)
    return paymentId.success ? { type: 'check-payment', paymentId: paymentId.data } : null
  }
  return parts.isApp ? placeOf(first, second) : null
}

function placeOf(first: string | undefined, second: string | undefined): LinkAction | null {
  if (first === undefined) return null
  if (second === undefined) return PLACES.has(first) ? { type: 'navigate', route: `/${first}` } : null
  // A media kit is shown on the page of its DJ.
  if (first === 'kit') return placeOf('dj', second)
  const isKnown =
    ((first === 'track' || first === 'pack') && Id.safeParse(second).success) ||
    (first === 'dj' && Slug.safeParse(second).success)
  return isKnown ? { type: 'navigate', route: `/${first}/${second}` } : null
}

function partsOf(link: string): { isApp: boolean; path: string[]; query: URLSearchParams } | null {
  const isApp = link.startsWith('mixmint://')
  const rest = isApp
    ? link.slice('mixmint://'.length)
    : link.startsWith('/return/')
      ? link.slice('/return/'.length)
      : null
  if (rest === null) return null
  const base = `http://app/${rest}`
  if (!URL.canParse(base)) return null
  const { pathname, searchParams } = new URL(base)
  return { isApp, path: pathname.split('/').filter((part) => part !== ''), query: searchParams }
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { Random } from '../../core/ports.ts'

/** Tabs of the browser that may speak to the core: who holds a bearer, and the secrets that are exchanged for one. */
export interface Tabs {
  /** Good until the process ends, for any number of tabs; printed for the user. */
  readonly launchSecret: string
  /** A secret good for one exchange: for links that the host itself hands to a browser. */
  onceSecret(): string
  /** A bearer for a tab, or null when the secret is not good. */
  exchange(secret: string): string | null
  /** The tab's id, or null when the header carries no good bearer. */
  tabOf(authorization: string | undefined): string | null
}

const SECRET_BYTES = 32
const MOST_TABS = 500

/** Secrets are compared by their hashes and in constant time; none is kept in clear but the launch secret. */
export function createTabs(random: Random): Tabs {
  const launchSecret = random.bytes(SECRET_BYTES).toString('base64url')
  const once = new Set<string>()
  const tabs = new Map<string, string>()

  return {
    launchSecret,
    onceSecret() {
      const secret = random.bytes(SECRET_BYTES).toString('base64url')
      once.add(hash(secret))
      return secret
    },
    exchange(secret) {
      const isLaunch = timingSafeEqual(Buffer.from(hash(secret)), Buffer.from(hash(launchSecret)))
      if (!isLaunch && !once.delete(hash(secret))) return null
      const bearer = random.bytes(SECRET_BYTES).toString('base64url')
      const [oldest] = tabs.keys()
      if (tabs.size >= MOST_TABS && oldest !== undefined) tabs.delete(oldest)
      tabs.set(hash(bearer), random.bytes(9).toString('base64url'))
      return bearer
    },
    tabOf(authorization) {
      const [, bearer] = /^Bearer ([\w-]{43})$/.exec(authorization ?? '') ?? []
      return bearer === undefined ? null : (tabs.get(hash(bearer)) ?? null)
    },
  }
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

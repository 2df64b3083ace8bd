import { createHash, timingSafeEqual } from 'node:crypto'
import type { Random } from '../../core/ports.ts'

/** Who holds a bearer. A command line of the same user may do what a page may not: name folders by their paths. */
export interface Tab {
  readonly id: string
  readonly kind: 'browser' | 'command-line'
}

/** Those who may speak to the core: the secrets that are exchanged for bearers, and who holds one. */
export interface Tabs {
  /** Good until the process ends, for any number of tabs; printed for the user. */
  readonly launchSecret: string
  /** A secret good for one exchange: for links that the host itself hands to a browser. */
  onceSecret(): string
  /** Good until the process ends, for command lines; written to the run file. */
  readonly commandSecret: string
  /** A bearer for a tab, or null when the secret is not good. */
  exchange(secret: string): string | null
  /** The holder of the bearer, or null when the header carries no good bearer. */
  tabOf(authorization: string | undefined): Tab | null
}

const SECRET_BYTES = 32
const MOST_TABS = 500

/** Secrets are compared by their hashes and in constant time; none is kept in clear but the launch secret. */
export function createTabs(random: Random): Tabs {
  const launchSecret = random.bytes(SECRET_BYTES).toString('base64url')
  const commandSecret = random.bytes(SECRET_BYTES).toString('base64url')
  const once = new Set<string>()
  const tabs = new Map<string, Tab>()

  return {
    launchSecret,
    commandSecret,
    onceSecret() {
      const secret = random.bytes(SECRET_BYTES).toString('base64url')
      once.add(hash(secret))
      return secret
    },
    exchange(secret) {
      const isCommand = isSame(secret, commandSecret)
      if (!isCommand && !isSame(secret, launchSecret) && !once.delete(hash(secret))) return null
      const bearer = random.bytes(SECRET_BYTES).toString('base64url')
      const [oldest] = tabs.keys()
      if (tabs.size >= MOST_TABS && oldest !== undefined) tabs.delete(oldest)
      tabs.set(hash(bearer), {
        id: random.bytes(9).toString('base64url'),
        kind: isCommand ? 'command-line' : 'browser',
      })
      return bearer
    },
    tabOf(authorization) {
      const [, bearer] = /^Bearer ([\w-]{43})$/.exec(authorization ?? '') ?? []
      return bearer === undefined ? null : (tabs.get(hash(bearer)) ?? null)
    },
  }
}

function isSame(secret: string, expected: string): boolean {
  return timingSafeEqual(Buffer.from(hash(secret)), Buffer.from(hash(expected)))
}

function hash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

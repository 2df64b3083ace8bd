/** Networks of one address family that an attempt remembers; the oldest leaves. */
export const MAX_NETWORKS = 4
export const REBINDS_PER_ATTEMPT = 5
export const REBINDS_PER_DAY = 20
/** A sign-in this fresh proves the account's owner anew and resets both counters, ms. */
export const FRESH_SIGN_IN_MS = 10 * 60_000
/** More networks than this in `ALTERNATION_MS` from one device look like a copied key. */
export const PLAUSIBLE_NETWORKS = 4
export const ALTERNATION_MS = 10 * 60_000

export interface NetworkFacts {
  /** What the attempt may be fetched from, oldest first; empty until the first byte was asked for. */
  readonly known: readonly string[]
  /** Where the request comes from. */
  readonly home: string
  readonly rebindsOfAttempt: number
  /** Rebinds of the account on this UTC day. */
  readonly rebindsToday: number
  /** When the session began with its first factor, ms. */
  readonly signedInAt: number
  /** Milliseconds since 1970. */
  readonly now: number
}

export type NetworkChoice =
  | { readonly kind: 'known' }
  | {
      readonly kind: 'rebound'
      readonly networks: readonly string[]
      readonly rebinds: number
      readonly isReset: boolean
    }
  | { readonly kind: 'refused' }

/** Whether a request from `home` adds its network to an attempt: a valid proof of the same device may, within limits. */
export function chooseNetworks(facts: NetworkFacts): NetworkChoice {
  const { known, home, signedInAt, now } = facts
  if (known.length === 0 || known.includes(home)) return { kind: 'known' }
  const isReset = now - signedInAt <= FRESH_SIGN_IN_MS
  if (!isReset && (facts.rebindsOfAttempt >= REBINDS_PER_ATTEMPT || facts.rebindsToday >= REBINDS_PER_DAY))
    return { kind: 'refused' }
  const networks = [...known, home].slice(-MAX_NETWORKS)
  return { kind: 'rebound', networks, rebinds: (isReset ? 0 : facts.rebindsOfAttempt) + 1, isReset }
}

/** Whether a device came from more networks in `ALTERNATION_MS` than one computer plausibly does. */
export function looksCopied(networks: number): boolean {
  return networks > PLAUSIBLE_NETWORKS
}

export interface RateLimit {
  /** Hits that one window allows. */
  readonly hits: number
  /** Length of the window, ms. */
  readonly windowMs: number
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

/** Every rate limit of the server. The last word of a name says what its key is. */
export const RATE_LIMITS = {
  /** All routes together: loose, because many people share one address behind a carrier's NAT. */
  'all-by-address': { hits: 1200, windowMs: MINUTE },
  'init-by-user': { hits: 120, windowMs: MINUTE },
  'init-day-by-user': { hits: 6000, windowMs: DAY },
  'tokens-by-device': { hits: 600, windowMs: MINUTE },
  'refused-redeems-by-device': { hits: 30, windowMs: 10 * MINUTE },
  /** Wrong passwords; a right one gives its hit back. */
  'sign-in-by-account': { hits: 10, windowMs: 15 * MINUTE },
  'sign-in-by-address': { hits: 100, windowMs: 15 * MINUTE },
  /** Guesses at a mailed code, apart from passwords so that neither locks the other out. */
  'mail-code-by-account': { hits: 10, windowMs: 15 * MINUTE },
  /** Mails that a stranger can cause. */
  'mail-by-account': { hits: 10, windowMs: 15 * MINUTE },
} as const satisfies Record<string, RateLimit>

export type RateLimitName = keyof typeof RATE_LIMITS

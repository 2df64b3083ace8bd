import { networkOf } from '../../http/client-address.ts'
import { type Bucket, giveBack, takeFromBuckets } from '../../rate-limits/buckets.ts'
import type { SignInOrigin, SignInServices } from './services.ts'
import { SignInError } from './sign-in-error.ts'

/** What came of an attempt, and whether it proved who makes it. */
export interface Attempt {
  readonly answer: object
  readonly isProven: boolean
}

/**
 * Counts an attempt against its account and address, runs it, and gives the hits back when it proved who makes it: only
 * guesses add up. An address without an account counts like one with. Throws `rate-limited`.
 */
export async function limitAttempts(
  { db, clock }: SignInServices,
  { address }: SignInOrigin,
  account: { name: 'sign-in-by-account' | 'mail-code-by-account'; key: string },
  attempt: () => Promise<Attempt>,
): Promise<object> {
  const takenAt = clock.now()
  const buckets: Bucket[] = [account, { name: 'sign-in-by-address', key: networkOf(address) }]
  await takeFromBuckets(db, buckets, takenAt)
  const { answer, isProven } = await attempt()
  if (isProven) await giveBack(db, buckets, takenAt)
  return answer
}

/** Counts a mail that somebody asks for in another's name. Throws `over_email_send_rate_limit`. */
export async function limitMails(
  { db, clock }: SignInServices,
  { address }: SignInOrigin,
  email: string,
): Promise<void> {
  const buckets: Bucket[] = [
    { name: 'mail-by-account', key: email },
    { name: 'sign-in-by-address', key: networkOf(address) },
  ]
  try {
    await takeFromBuckets(db, buckets, clock.now())
  } catch (error) {
    throw error instanceof Error && 'code' in error && error.code === 'rate-limited'
      ? new SignInError('over_email_send_rate_limit', 'Too many mails were asked for. Try again later.', 900)
      : error
  }
}

import { z } from 'zod'
import { asLocalSignIn, type ServerTransaction } from '../../db/transaction.ts'
import { sessionIssuer } from '../verify-session.ts'
import { finishFlow } from './code-flow.ts'
import { ChallengeInput, ChallengeMethodInput, EmailInput, readFields } from './credentials.ts'
import { digest } from './digest.ts'
import { limitAttempts, limitMails } from './limits.ts'
import { allowedRedirect, withParameters } from './redirects.ts'
import {
  deleteFlow,
  deleteToken,
  findUserWithEmail,
  insertFlow,
  lockTokenOfUser,
  lockTokenWithId,
  type OneTimeTokenRow,
  replaceOneTimeToken,
} from './rows.ts'
import type { SignInOrigin, SignInServices } from './services.ts'
import { beginSession } from './sessions.ts'
import { SignInError } from './sign-in-error.ts'

/** How long a mailed code or link works, ms. */
const TOKEN_MS = 60 * 60_000

export type MailPurpose = 'recovery' | 'magiclink'

const Request = z.object({
  email: EmailInput,
  code_challenge: ChallengeInput.nullish(),
  code_challenge_method: ChallengeMethodInput.nullish(),
})

/**
 * Mails a six-digit code, and a link when the client has a challenge to bind it to. Answers the same for an address
 * without an account. Throws `over_email_send_rate_limit`, `validation_failed`.
 */
export async function mailCode(
  services: SignInServices,
  origin: SignInOrigin,
  purpose: MailPurpose,
  { body, redirectTo }: { body: unknown; redirectTo: string | undefined },
): Promise<object> {
  const { email, code_challenge: challenge } = readFields(Request, body)
  const back = challenge == null ? null : { challenge, redirectTo: allowedRedirect(redirectTo) }
  await limitMails(services, origin, email)
  const { db, clock, random, mailer } = services
  const id = random.uuid()
  const code = String(random.bytes(6).readUIntBE(0, 6) % 1_000_000).padStart(6, '0')
  const secret = random.bytes(24).toString('base64url')
  const now = new Date(clock.now())
  const isKnown = await asLocalSignIn(
    db,
    async (tx) => {
      const user = await findUserWithEmail(tx, email)
      if (user === undefined) return false
      await replaceOneTimeToken(tx, { id, userId: user.id, tokenHash: hashOf({ id, code, secret }), email, now })
      const method = purpose === 'recovery' ? 'recovery' : 'otp'
      if (back !== null) await insertFlow(tx, { id, userId: user.id, method, ...back, now })
      return true
    },
    { clock },
  )
  if (!isKnown) return {}
  const link =
    back === null
      ? null
      : withParameters(`${sessionIssuer(services.config)}/verify`, {
          ...{ token: `pkce_${id}.${secret}`, type: purpose, redirect_to: back.redirectTo },
        })
  await mailer.send({ to: email, ...mailText(purpose, code, link) })
  return {}
}

const Guess = z.union([
  z.object({ email: EmailInput, token: z.string().min(1).max(20) }),
  z.object({ token_hash: z.string().min(1).max(200) }),
])

/** A session for a mailed code, which works once. Throws `otp_expired` for a wrong, used or old one, and `over_request_rate_limit`. */
export async function verifyCode(services: SignInServices, origin: SignInOrigin, body: unknown): Promise<object> {
  const guess = readFields(Guess, body)
  if ('token_hash' in guess) return verifyLink(services, origin, guess.token_hash)
  const { email, token } = guess
  return limitAttempts(services, origin, { name: 'mail-code-by-account', key: email }, async () => {
    const { db, clock } = services
    const begin = async (tx: ServerTransaction): Promise<object> => {
      const user = await findUserWithEmail(tx, email)
      const row = assertFresh(services, user === undefined ? undefined : await lockTokenOfUser(tx, user.id))
      if (digest(`${row.id}${token}`) !== row.tokenHash.split('.')[0]) throw expired()
      await deleteToken(tx, row.id)
      await deleteFlow(tx, row.id)
      return beginSession(services, tx, row.userId, 'otp', origin)
    }
    return { answer: await asLocalSignIn(db, begin, { clock }), isProven: true }
  })
}

async function verifyLink(services: SignInServices, origin: SignInOrigin, token: string): Promise<object> {
  return asLocalSignIn(
    services.db,
    async (tx) => {
      const row = await spendLink(services, tx, token)
      await deleteFlow(tx, row.id)
      return beginSession(services, tx, row.userId, 'otp', origin)
    },
    { clock: services.clock },
  )
}

/** `GET /verify`: the link of a mail. Answers where to send the browser: back to the client, with a code or with what went wrong. */
export async function followLink(
  services: SignInServices,
  { token, redirectTo }: { token: string; redirectTo: string | undefined },
): Promise<string> {
  const back = allowedRedirect(redirectTo)
  try {
    const { code, redirectTo: known } = await asLocalSignIn(
      services.db,
      async (tx) => {
        const row = await spendLink(services, tx, token)
        return finishFlow(services, tx, row.id, row.userId)
      },
      { clock: services.clock },
    )
    return withParameters(known, { code })
  } catch (error) {
    if (!(error instanceof SignInError)) throw error
    return withParameters(back, { error: 'access_denied', error_code: error.code, error_description: error.message })
  }
}

async function spendLink(services: SignInServices, tx: ServerTransaction, token: string): Promise<OneTimeTokenRow> {
  const [, id, secret] = /^(?:pkce_)?([0-9a-f-]{36})\.([\w-]{32})$/.exec(token) ?? []
  if (id === undefined || secret === undefined) throw expired()
  const row = assertFresh(services, await lockTokenWithId(tx, id))
  if (row.tokenHash.split('.')[1] !== digest(secret)) throw expired()
  await deleteToken(tx, row.id)
  return row
}

function assertFresh({ clock }: SignInServices, row: OneTimeTokenRow | undefined): OneTimeTokenRow {
  if (row === undefined || clock.now() - row.createdAt > TOKEN_MS) throw expired()
  return row
}

/** Code and link of one mail, so that using either ends both. The id makes equal codes differ. */
function hashOf({ id, code, secret }: { id: string; code: string; secret: string }): string {
  return `${digest(`${id}${code}`)}.${digest(secret)}`
}

function expired(): SignInError {
  return new SignInError('otp_expired', 'Token has expired or is invalid')
}

function mailText(purpose: MailPurpose, code: string, link: string | null): { subject: string; text: string } {
  const goal = purpose === 'recovery' ? 'choose a new password' : 'sign in'
  const orOpen = link === null ? '' : `\n\nOr open this link on the same computer:\n${link}`
  return {
    subject: purpose === 'recovery' ? 'Choose a new MixMint password' : 'Sign in to MixMint',
    text: `Your code to ${goal}: ${code}\n\nEnter it in MixMint within an hour.${orOpen}\n\nIf you did not ask for this, there is nothing to do.`,
  }
}

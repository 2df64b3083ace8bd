import { z } from 'zod'
import { asLocalSignIn, type ServerTransaction } from '../../db/transaction.ts'
import { finishFlow, openFlow } from './code-flow.ts'
import { ChallengeInput, ChallengeMethodInput, EmailInput, readFields } from './credentials.ts'
import { allowedRedirect, withParameters } from './redirects.ts'
import { deleteFlow, findIdentities, findUserWithEmail, insertFlow, insertUser } from './rows.ts'
import type { SignInServices } from './services.ts'
import { SignInError } from './sign-in-error.ts'

const Authorize = z.object({
  provider: z.string(),
  redirect_to: z.string().max(500).optional(),
  code_challenge: ChallengeInput,
  code_challenge_method: ChallengeMethodInput,
})

/** `GET /authorize`: begins a sign-in with another provider. Answers the id of its round trip. Only PKCE is offered. */
export async function beginOAuth({ db, clock, random }: SignInServices, query: unknown): Promise<string> {
  const { provider, redirect_to, code_challenge: challenge } = readFields(Authorize, query)
  if (provider !== 'google') throw new SignInError('oauth_provider_not_supported', 'That provider is not offered.')
  const redirectTo = allowedRedirect(redirect_to)
  const id = random.uuid()
  const flow = { id, userId: null, challenge, method: 'oauth', redirectTo, now: new Date(clock.now()) }
  await asLocalSignIn(db, (tx) => insertFlow(tx, flow), { clock })
  return id
}

/** Throws `flow_state_not_found` when there is no such round trip under way. */
export async function assertFlowOpen(services: SignInServices, flowId: string): Promise<void> {
  await asLocalSignIn(services.db, (tx) => openFlow(services, tx, flowId), { clock: services.clock })
}

const Choice = z.object({ flow: z.uuid(), answer: z.enum(['continue', 'cancel']), email: z.string().optional() })

/** What the sandbox provider's page sends: an address to be, or a refusal. Answers where the browser goes next. */
export async function answerOAuth(services: SignInServices, form: unknown): Promise<string> {
  const { flow, answer, email } = readFields(Choice, form)
  const finish = async (tx: ServerTransaction): Promise<string> => {
    if (answer === 'cancel') return cancel(services, tx, flow, 'The sign-in was cancelled.')
    const userId = await userOf(services, tx, readFields(EmailInput, email))
    if (userId === null)
      return cancel(services, tx, flow, 'This address can not be used here. Sign in with its password.')
    const { code, redirectTo } = await finishFlow(services, tx, flow, userId)
    return withParameters(redirectTo, { code })
  }
  return asLocalSignIn(services.db, finish, { clock: services.clock })
}

/**
 * The account of an address that this provider vouches for: a new one, or one that came from here before. Null for an
 * account with a password: nothing proves that whoever typed the address owns it.
 */
async function userOf({ clock, random }: SignInServices, tx: ServerTransaction, email: string): Promise<string | null> {
  const known = await findUserWithEmail(tx, email)
  if (known === undefined) {
    const now = new Date(clock.now())
    const made = { id: random.uuid(), email, passwordHash: null, provider: 'google', userMetadata: {}, now } as const
    return (await insertUser(tx, made))?.id ?? null
  }
  const identities = await findIdentities(tx, known.id)
  return identities.some(({ provider }) => provider === 'google') && known.passwordHash === null ? known.id : null
}

async function cancel(services: SignInServices, tx: ServerTransaction, flowId: string, why: string): Promise<string> {
  const { redirectTo } = await openFlow(services, tx, flowId)
  await deleteFlow(tx, flowId)
  return withParameters(redirectTo, { error: 'access_denied', error_description: why })
}

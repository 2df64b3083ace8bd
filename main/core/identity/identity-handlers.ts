import type { Handlers } from '../../../contract/call.ts'
import { AppError } from '../../../contract/errors.ts'
import type { identity as calls, SignInState } from '../../../contract/identity.ts'
import type { Identity } from './identity.ts'
import type { SessionKeeper } from './session-keeper.ts'

interface HandlerNeeds {
  readonly identity: Identity
  readonly keeper: SessionKeeper
  /** Where the browser comes back to after a sign-in. */
  readonly returnTo: string
}

interface SignedInData {
  readonly session: unknown
  readonly user: { id: string; email?: string; user_metadata?: Record<string, unknown> } | null
}

/** Signing in, out and up, on this computer. */
export function identityHandlers({ identity, keeper, returnTo }: HandlerNeeds) {
  /** A sign-in may end without a session when the address is not confirmed yet; the same answer covers an address that is taken. */
  async function adopt({ session, user }: SignedInData): Promise<SignInState> {
    if (session === null || user === null) throw new AppError('email-unconfirmed')
    const fullName = user.user_metadata?.['full_name']
    return await identity.adopt({
      id: user.id,
      email: user.email ?? '',
      fullName: typeof fullName === 'string' ? fullName : null,
    })
  }

  return {
    state: async () => identity.state(),
    signUp: async (_, { email, password, fullName }) =>
      await adopt(
        await keeper.ask((client) =>
          client.signUp({
            email,
            password,
            options: { emailRedirectTo: returnTo, data: fullName === undefined ? {} : { full_name: fullName } },
          }),
        ),
      ),
    signIn: async (_, credentials) => await adopt(await keeper.ask((client) => client.signInWithPassword(credentials))),
    startOAuth: async (_, { provider }) => {
      const { url } = await keeper.ask((client) =>
        client.signInWithOAuth({ provider, options: { redirectTo: returnTo, skipBrowserRedirect: true } }),
      )
      if (url === null) throw new Error('the sign-in service named no address')
      return { address: url }
    },
    finishOAuth: async (_, { code }) => await adopt(await keeper.ask((client) => client.exchangeCodeForSession(code))),
    requestPasswordReset: async (_, { email }) => {
      await keeper.ask((client) => client.resetPasswordForEmail(email, { redirectTo: returnTo }))
      return { done: true }
    },
    resetPassword: async (_, { email, code, password }) => {
      const recovered = await keeper.ask((client) => client.verifyOtp({ email, token: code, type: 'recovery' }))
      await keeper.ask((client) => client.updateUser({ password }))
      return await adopt(recovered)
    },
    registerThisDevice: async (_, { name }) => await identity.registerDevice(name),
    signOut: async () => await identity.signOut(),
    forgetThisDevice: async () => await identity.forgetDevice(),
  } satisfies Handlers<typeof calls, 'desktop', void>
}

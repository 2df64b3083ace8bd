import type { app } from '../../contract/app.ts'
import type { Handlers } from '../../contract/call.ts'
import type { CallContext, Needs } from '../context.ts'
import { countReadyTracks } from '../domains/catalogue/public.ts'
import { DEMO_ACCOUNTS } from '../seed/demo-accounts.ts'
import { VERSION } from '../version.ts'

/** The key that supabase-js sends to local sign-in: it opens nothing. */
const LOCAL_PUBLISHABLE_KEY = 'sb_publishable_local'

async function serverInfo({ tx, config }: Needs<'tx' | 'config'>) {
  const { supabase, mode, publicOrigin, seed } = config
  return {
    mode,
    version: VERSION,
    authUrl: supabase?.url ?? publicOrigin,
    authKey: supabase?.publishableKey ?? LOCAL_PUBLISHABLE_KEY,
    publicOrigin,
    oauthProviders: ['google' as const],
    demoAccounts:
      mode === 'local' && seed !== 'none'
        ? DEMO_ACCOUNTS.map(({ email, password, displayName, role }) => ({
            email,
            password,
            about: `${displayName}, ${role}`,
          }))
        : [],
    content: await countReadyTracks(tx),
  }
}

export const serverInfoHandlers = { serverInfo } satisfies Handlers<typeof app, 'server', CallContext>

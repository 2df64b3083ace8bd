import { AppError } from '../../../../contract/errors.ts'
import type { Random } from '../../../core/ports.ts'
import { appHostOf, SETUP_HOST } from '../own-address.ts'
import { readTypedAddress } from './server-address.ts'
import { setupPage } from './setup-page.ts'

interface SetupNeeds {
  readonly random: Random
  /** Throws an `AppError` when no MixMint server answers at the origin. */
  readonly probe: (origin: string) => Promise<void>
  readonly onChosen: (origin: string) => void
}

/** Answers `app://setup/`: the question, and what was typed until a server answers at it. */
export function createSetupProtocol({ random, probe, onChosen }: SetupNeeds) {
  async function problemOf(typed: string): Promise<string | null> {
    const origin = readTypedAddress(typed)
    if (origin === null) return 'This is not the address of a store. It looks like store.example.com.'
    try {
      await probe(origin)
      onChosen(origin)
      return null
    } catch (error) {
      if (error instanceof AppError && error.code === 'offline')
        return 'Nothing answers at this address. Check the address and your connection.'
      return 'What answers at this address is not a MixMint store.'
    }
  }

  return async function answer(request: Request): Promise<Response> {
    if (request.method !== 'GET' || appHostOf(request.url) !== SETUP_HOST) return new Response(null, { status: 404 })
    const { pathname, searchParams } = new URL(request.url)
    const typed = pathname === '/choose' ? (searchParams.get('address') ?? '').slice(0, 300) : ''
    const problem = pathname === '/choose' ? await problemOf(typed) : null
    const nonce = random.bytes(16).toString('base64')
    return new Response(setupPage({ nonce, typed, problem }), {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    })
  }
}

import { AppError } from '../../../contract/errors.ts'
import type { SignedRequests } from '../needs.ts'
import type { Clock, ProxyFor, Random } from '../ports.ts'
import { signDeviceProof } from './device-proof.ts'
import type { HttpAnswer } from './http-request.ts'
import type { SessionSource } from './session-source.ts'

interface ProofNeeds {
  readonly clock: Clock
  readonly random: Random
  readonly session: SessionSource
  readonly serverAddress: string | null
  readonly proxyFor: ProxyFor
  /** The origin that proofs name, from the server's own description. Throws `offline`. */
  readonly publicOrigin: () => Promise<string>
}

/** Signs requests, and keeps the nonce that the next proof carries. */
export interface ProofHeaders extends SignedRequests {
  noteAnswer(headers: HttpAnswer['headers']): void
}

export function createProofHeaders({
  clock,
  random,
  session,
  serverAddress,
  proxyFor,
  publicOrigin,
}: ProofNeeds): ProofHeaders {
  let nonce: string | null = null
  let lastToken = ''

  return {
    address() {
      if (serverAddress === null) throw new AppError('offline', 'The address of the server is not known')
      return serverAddress
    },
    proxy: () => (serverAddress === null ? null : proxyFor(serverAddress)),
    async headers({ method, path, downloadToken }) {
      const accessToken = await session.accessToken()
      if (accessToken === null) throw new AppError('not-signed-in')
      lastToken = accessToken
      const [origin, key] = await Promise.all([publicOrigin(), session.deviceKey()])
      const dpop = signDeviceProof(key, {
        method,
        htu: `${origin}${path}`,
        accessToken,
        nonce,
        now: clock.now(),
        jti: random.uuid(),
        downloadToken,
      })
      return { authorization: `Bearer ${accessToken}`, dpop }
    },
    noteAnswer(headers) {
      const fresh = headers['dpop-nonce']
      if (typeof fresh === 'string' && fresh !== '') nonce = fresh
    },
    renewSession: () => session.renew(lastToken),
  }
}

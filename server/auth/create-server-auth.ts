import type { Proof } from '../../contract/call.ts'
import { AppError } from '../../contract/errors.ts'
import type { CallerFacts } from '../context.ts'
import { inServerTransaction, type PrivilegedTransaction } from '../db/transaction.ts'
import type { ServerServices } from '../services.ts'
import { type DpopProof, verifyDpopProof } from './dpop.ts'
import { nonceAt, PROOF_LIFETIME_MS } from './dpop-nonce.ts'
import { type CallerRow, findCaller, noteDeviceUse, recordProof } from './rows.ts'
import type { RequestProof, ServerAuth } from './server-auth.ts'
import { bearerToken, createSessionVerifier, type SessionClaims } from './verify-session.ts'

/** A device in steady use is noted this often, ms. */
const NOTE_USE_EVERY_MS = 60_000

/** Establishes callers from session tokens (Supabase Auth's, or local sign-in's) and DPoP proofs of device keys. */
export function createServerAuth({
  db,
  config,
  clock,
  secrets,
}: Pick<ServerServices, 'db' | 'config' | 'clock' | 'secrets'>): ServerAuth {
  const sessions = createSessionVerifier(config, { clock, secrets })

  async function readProof(request: RequestProof, accessToken: string): Promise<DpopProof> {
    return verifyDpopProof(request.dpop, {
      method: request.method,
      uri: config.publicOrigin + request.path,
      accessToken,
      downloadToken: request.downloadToken,
      nonceKeys: await secrets.get('nonce-key'),
      now: clock.now(),
    })
  }

  return {
    async authenticate(request, proof) {
      const { address } = request
      const token = proof === 'none' ? null : bearerToken(request.authorization)
      if (token === null) {
        if (proof === 'none' || proof === 'optional') return anonymous(address)
        throw new AppError('not-signed-in')
      }
      const session = await sessions.verify(token)
      const key = proof === 'device' || proof === 'new-device' ? await readProof(request, token) : null
      const now = clock.now()
      const establish = (tx: PrivilegedTransaction): Promise<Found> => find(tx, session, key, { address, now })
      // Committed before anything is refused: a proof counts as used whatever becomes of its request.
      const found = await inServerTransaction(db, establish, { clock })
      return toCaller(found, session, { proof, key, address })
    },
    async currentNonce() {
      const [key] = await secrets.get('nonce-key')
      return nonceAt(key, clock.now())
    },
  }
}

interface Found {
  readonly row: CallerRow | undefined
  readonly isReplay: boolean
}

async function find(
  tx: PrivilegedTransaction,
  { userId, sessionId }: SessionClaims,
  key: DpopProof | null,
  { address, now }: { address: string; now: number },
): Promise<Found> {
  const expiresAt = new Date(now + PROOF_LIFETIME_MS)
  const isReplay = key !== null && !(await recordProof(tx, { ...key, expiresAt }))
  const row = await findCaller(tx, { userId, sessionId, thumbprint: key?.thumbprint ?? null })
  if (row !== undefined && !isReplay && isUseWorthNoting(row, { userId, sessionId, now }))
    await noteDeviceUse(tx, row.deviceId, { sessionId, address, now: new Date(now) })
  return { row, isReplay }
}

function isUseWorthNoting(
  row: CallerRow,
  { userId, sessionId, now }: { userId: string; sessionId: string; now: number },
): row is CallerRow & { deviceId: string } {
  if (row.sessionBegunAt === null || row.status !== 'active' || row.isSessionsDeviceRevoked) return false
  if (row.deviceId === null || row.deviceUserId !== userId || row.deviceRevokedAt !== null) return false
  if (row.deviceSessionId !== sessionId) return row.deviceKind === 'persistent'
  return row.deviceLastSeenAt === null || now - row.deviceLastSeenAt.getTime() >= NOTE_USE_EVERY_MS
}

function toCaller(
  { row, isReplay }: Found,
  { userId, sessionId }: SessionClaims,
  { proof, key, address }: { proof: Proof; key: DpopProof | null; address: string },
): CallerFacts {
  if (isReplay) throw new AppError('invalid-dpop-proof', 'The proof was used before.')
  if (row === undefined) throw new AppError('session-expired')
  if (row.isSessionsDeviceRevoked) throw new AppError('device-revoked')
  if (row.sessionBegunAt === null) throw new AppError('session-expired')
  if (row.status !== 'active') throw new AppError('account-suspended')
  const caller = { userId, sessionId, signedInAt: row.sessionBegunAt.getTime(), device: null, key: null, address }
  if (key === null) return caller
  const { thumbprint, publicJwk } = key
  const shown = { thumbprint, publicJwk: { ...publicJwk } }
  if (proof === 'new-device') return { ...caller, key: shown }
  if (row.deviceId === null || row.deviceUserId !== userId) throw new AppError('device-unknown')
  if (row.deviceRevokedAt !== null) throw new AppError('device-revoked')
  if (row.deviceKind === 'session' && row.deviceSessionId !== sessionId) throw new AppError('device-unknown')
  return { ...caller, device: { id: row.deviceId, thumbprint }, key: shown }
}

function anonymous(address: string): CallerFacts {
  return { userId: null, sessionId: null, signedInAt: null, device: null, key: null, address }
}

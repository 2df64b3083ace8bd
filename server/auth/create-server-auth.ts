import type { Proof } from '../../contract/call.ts'
import { AppError } from '../../contract/errors.ts'
import type { CallerFacts } from '../context.ts'
import { inServerTransaction, type PrivilegedTransaction } from '../db/transaction.ts'
import { type Bucket, hitOf, refusalOf, takeAllWithin, takeFromBuckets } from '../rate-limits/buckets.ts'
import type { ServerServices } from '../services.ts'
import { type DpopProof, type KnownKeys, verifyDpopProof } from './dpop.ts'
import { nonceAt, PROOF_LIFETIME_MS } from './dpop-nonce.ts'
import { Recent } from './recent.ts'
import { admit, type CallerRow, findCaller, noteDeviceUse } from './rows.ts'
import type { RequestProof, ServerAuth } from './server-auth.ts'
import { bearerToken, createSessionVerifier, type SessionClaims } from './verify-session.ts'

/** A device in steady use is noted this often, ms. */
const NOTE_USE_EVERY_MS = 60_000
const MOST_KEYS = 2_000

/** Establishes callers from session tokens (Supabase Auth's, or local sign-in's) and DPoP proofs of device keys. */
export function createServerAuth({
  db,
  config,
  clock,
  secrets,
}: Pick<ServerServices, 'db' | 'config' | 'clock' | 'secrets'>): ServerAuth {
  const sessions = createSessionVerifier(config, { clock, secrets })
  const keys: KnownKeys = new Recent(MOST_KEYS)

  async function readProof(request: RequestProof, accessToken: string): Promise<DpopProof> {
    const expected = {
      method: request.method,
      uri: config.publicOrigin + request.path,
      accessToken,
      downloadToken: request.downloadToken,
      nonceKeys: await secrets.get('nonce-key'),
      now: clock.now(),
    }
    return verifyDpopProof(request.dpop, expected, keys)
  }

  /** Null for an anonymous caller. */
  async function readCredentials(
    request: RequestProof,
    proof: Proof,
  ): Promise<{ session: SessionClaims; key: DpopProof | null } | null> {
    const token = proof === 'none' ? null : bearerToken(request.authorization)
    if (token === null) {
      if (proof === 'none' || proof === 'optional') return null
      throw new AppError('not-signed-in')
    }
    const session = await sessions.verify(token)
    const key = proof === 'device' || proof === 'new-device' ? await readProof(request, token) : null
    return { session, key }
  }

  return {
    async authenticate(request, proof, { network, look } = {}) {
      const { address } = request
      const now = clock.now()
      const bucket: Bucket | null = network === undefined ? null : { name: 'all-by-address', key: network }
      const countAlone = async (): Promise<void> => {
        if (bucket !== null) await takeFromBuckets(db, [bucket], now)
      }
      const credentials = await readCredentials(request, proof).catch(async (error: unknown) => {
        await countAlone()
        throw error
      })
      if (credentials === null) {
        await countAlone()
        return anonymous(address)
      }
      const { session, key } = credentials
      const establish = async (tx: PrivilegedTransaction): Promise<CallerFacts | AppError> => {
        const found = await find(tx, session, key, { address, now, bucket })
        try {
          const caller = toCaller(found, session, { proof, key, address })
          await look?.(tx, caller)
          return caller
        } catch (error) {
          if (error instanceof AppError) return error
          throw error
        }
      }
      // A refusal is an answer here, so that it is committed: a proof counts as used whatever becomes of its request.
      const caller = await inServerTransaction(db, establish, { clock, isDurable: false })
      if (caller instanceof AppError) throw caller
      return caller
    },
    async currentNonce() {
      const [key] = await secrets.get('nonce-key')
      return nonceAt(key, clock.now())
    },
  }
}

interface Found {
  /** Its address has called too often. */
  readonly refusal: AppError | null
  readonly row: CallerRow | undefined
  readonly isReplay: boolean
}

async function find(
  tx: PrivilegedTransaction,
  { userId, sessionId }: SessionClaims,
  key: DpopProof | null,
  { address, now, bucket }: { address: string; now: number; bucket: Bucket | null },
): Promise<Found> {
  const { refusal, row, isReplay } = await lookFor(tx, { userId, sessionId }, key, { now, bucket })
  const isAdmitted = refusal === null && !isReplay
  if (row !== undefined && isAdmitted && isUseWorthNoting(row, { userId, sessionId, now }))
    await noteDeviceUse(tx, row.deviceId, { sessionId, address, now: new Date(now) })
  return { row, isReplay, refusal }
}

async function lookFor(
  tx: PrivilegedTransaction,
  session: { userId: string; sessionId: string },
  key: DpopProof | null,
  { now, bucket }: { now: number; bucket: Bucket | null },
): Promise<Found> {
  if (key === null) {
    const refusal = bucket === null ? null : await takeAllWithin(tx, [bucket], now)
    return { row: await findCaller(tx, { ...session, thumbprint: null }), isReplay: false, refusal }
  }
  const expiresAt = new Date(now + PROOF_LIFETIME_MS)
  const hit = bucket === null ? null : hitOf(bucket, now)
  const { isWithin, isNew, row } = await admit(tx, session, { ...key, expiresAt }, hit)
  return { row, isReplay: !isNew, refusal: isWithin || bucket === null ? null : refusalOf(bucket, now) }
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
  { row, isReplay, refusal }: Found,
  { userId, sessionId }: SessionClaims,
  { proof, key, address }: { proof: Proof; key: DpopProof | null; address: string },
): CallerFacts {
  if (refusal !== null) throw refusal
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

import type { Proof } from '../../contract/call.ts'
import { AppError } from '../../contract/errors.ts'
import type { CallerFacts } from '../context.ts'
import { inServerTransaction, last, notLast, type PrivilegedTransaction, together } from '../db/transaction.ts'
import { type Bucket, hitOf, refusalOf, takeAllWithin, takeFromBuckets } from '../rate-limits/buckets.ts'
import type { ServerServices } from '../services.ts'
import { type DpopProof, type KnownKeys, verifyDpopProof } from './dpop.ts'
import { nonceAt, PROOF_LIFETIME_MS } from './dpop-nonce.ts'
import { Recent } from './recent.ts'
import { admission, type CallerRow, findCaller, toAdmission } from './rows.ts'
import type { Beside, RequestProof, ServerAuth } from './server-auth.ts'
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
    async authenticate(request, proof, beside = {}) {
      const { address } = request
      const now = clock.now()
      const bucket: Bucket | null =
        beside.network === undefined ? null : { name: 'all-by-address', key: beside.network }
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
      const establish = (tx: PrivilegedTransaction): Promise<Found> =>
        key === null
          ? findBySession(tx, session, bucket, now)
          : findByKey(tx, session, key, { address, now, bucket, beside })
      // Whatever is refused afterwards, this is committed: a proof counts as used whatever becomes of its request.
      const found = await inServerTransaction(db, establish, { clock, isDurable: false })
      return toCaller(found, session, { proof, key, address })
    },
    async currentNonce() {
      const [key] = await secrets.get('nonce-key')
      return nonceAt(key, clock.now())
    },
  }
}

interface Found {
  /** A limit is reached: it has called too often, from its address or at all. */
  readonly refusal: AppError | null
  readonly row: CallerRow | undefined
  readonly isReplay: boolean
}

async function findBySession(
  tx: PrivilegedTransaction,
  session: SessionClaims,
  bucket: Bucket | null,
  now: number,
): Promise<Found> {
  const refusal = bucket === null ? null : await takeAllWithin(tx, [bucket], now)
  return { row: await findCaller(tx, { ...session, thumbprint: null }), isReplay: false, refusal }
}

async function findByKey(
  tx: PrivilegedTransaction,
  session: SessionClaims,
  { thumbprint, jtiHash }: DpopProof,
  { address, now, bucket, beside }: { address: string; now: number; bucket: Bucket | null; beside: Beside },
): Promise<Found> {
  const { limits, look } = beside
  const buckets = [bucket, ...(limits?.({ userId: session.userId, thumbprint }) ?? [])]
  const hits = buckets.map((one) => (one === null ? null : hitOf(one, now)))
  const expiresAt = new Date(now + PROOF_LIFETIME_MS)
  const shown = { thumbprint, jtiHash, expiresAt, address, noteEveryMs: NOTE_USE_EVERY_MS }
  const admit = admission(look === undefined ? last : notLast, session, shown, hits)
  const [admitted, looked] =
    look === undefined ? await together(tx, admit) : await together(tx, admit, look.statement(last, thumbprint))
  if (looked !== undefined) look?.take(looked)
  const { fullBucket, isNew, row } = toAdmission(admitted)
  const full = fullBucket === 0 ? null : (buckets[fullBucket - 1] ?? null)
  return { row, isReplay: !isNew, refusal: full === null ? null : refusalOf(full, now) }
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

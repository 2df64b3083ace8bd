import { createHash } from 'node:crypto'
import { asLocalSignIn, type ServerTransaction } from '../../db/transaction.ts'
import { digest } from './digest.ts'
import { giveFlowItsCode, lockOpenFlow, takeFlowWithCode } from './rows.ts'
import type { SignInOrigin, SignInServices } from './services.ts'
import { beginSession, type SignInMethod } from './sessions.ts'
import { SignInError } from './sign-in-error.ts'

/** How long a browser round trip may take, and how long its code then works, ms. */
const FLOW_MS = 60 * 60_000
const CODE_MS = 5 * 60_000

/** Ends a browser round trip for a user: answers the code and where to bring it. Throws `flow_state_not_found`. */
export async function finishFlow(
  { clock, random }: SignInServices,
  tx: ServerTransaction,
  flowId: string,
  userId: string,
): Promise<{ code: string; redirectTo: string }> {
  const { redirectTo } = await openFlow({ clock }, tx, flowId)
  const code = random.bytes(24).toString('base64url')
  await giveFlowItsCode(tx, { id: flowId, userId, codeHash: digest(code), now: new Date(clock.now()) })
  return { code, redirectTo }
}

/** A round trip that waits for its end. Throws `flow_state_not_found`. */
export async function openFlow(
  { clock }: Pick<SignInServices, 'clock'>,
  tx: ServerTransaction,
  flowId: string,
): Promise<{ redirectTo: string }> {
  const flow = await lockOpenFlow(tx, flowId)
  if (flow === undefined || clock.now() - flow.createdAt.getTime() > FLOW_MS) throw noFlow()
  return flow
}

/**
 * A session for a code and the verifier of its challenge (RFC 7636 §4.6). The code is spent whether or not the verifier
 * is right. Throws `flow_state_not_found`, `bad_code_verifier`.
 */
export async function exchangeCode(
  services: SignInServices,
  origin: SignInOrigin,
  { code, verifier }: { code: string; verifier: string },
): Promise<object> {
  const { db, clock } = services
  const exchange = async (tx: ServerTransaction): Promise<object | SignInError> => {
    const flow = await takeFlowWithCode(tx, digest(code))
    if (flow === undefined || flow.userId === null || flow.codeIssuedAt === null) return noFlow()
    if (clock.now() - flow.codeIssuedAt.getTime() > CODE_MS) return noFlow()
    if (createHash('sha256').update(verifier).digest('base64url') !== flow.challenge)
      return new SignInError('bad_code_verifier', 'code challenge does not match previously saved code verifier')
    return beginSession(services, tx, flow.userId, flow.method as SignInMethod, origin)
  }
  const outcome = await asLocalSignIn(db, exchange, { clock })
  if (outcome instanceof SignInError) throw outcome
  return outcome
}

function noFlow(): SignInError {
  return new SignInError('flow_state_not_found', 'invalid flow state, no valid flow state found')
}

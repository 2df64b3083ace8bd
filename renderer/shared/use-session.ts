import { identity, type SignInState } from '../../contract/identity.ts'
import { useCall } from './use-call.ts'

/** Who is signed in on this computer; undefined until it is known. */
export function useSession(): SignInState | undefined {
  return useCall(identity.state, {}).data
}

/** Whether there is an account whose library can be shown, also offline and with an ended session. */
export function useHasAccount(): boolean {
  const session = useSession()
  return session !== undefined && session.status !== 'signed-out' && session.account !== null
}

import { identity } from '../../../contract/identity.ts'
import { ERROR_TEXT, errorCode, errorText } from '../../shared/error-text.ts'
import { formatSince } from '../../shared/format/time.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { SkeletonRows } from '../../shared/ui/skeleton.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'

const PLATFORM = { linux: 'Linux', macos: 'macOS', windows: 'Windows' } as const

/** All devices are in use: which one goes, so that this computer can come in. The longest unused stands first. */
export function DeviceLimit({ onDone, onLater }: { onDone: () => void; onLater: () => void }) {
  const t = useText()
  const { data, error } = useCall(identity.listDevices, {})
  const register = useCommand(identity.registerThisDevice, {
    answers: identity.state,
    showsFailure: true,
    refresh: [identity.listDevices],
    onDone: ({ status }) => {
      if (status === 'signed-in') onDone()
    },
  })
  const revoke = useCommand(identity.revokeDevice, {
    showsFailure: true,
    refresh: [identity.listDevices],
    onDone: () => register.mutate({}),
  })
  const signOut = useCommand(identity.signOut, {
    answers: identity.state,
  })
  const oldestFirst = (data?.devices ?? [])
    .filter(({ revokedAt }) => revokedAt === null)
    .toSorted((left, right) => (left.lastSeenAt ?? left.createdAt).localeCompare(right.lastSeenAt ?? right.createdAt))
  const isFull = data === undefined || oldestFirst.length >= data.limit
  if (error !== null && errorCode(error) === 'device-revoked') {
    return <Removed isPending={signOut.isPending} onSignIn={() => signOut.mutate({})} onLater={onLater} />
  }
  const failure = revoke.error ?? register.error ?? error
  return (
    <>
      <div className="flex flex-col gap-2">
        <h1 className="text-balance font-semibold text-xl">
          {isFull ? t('All your devices are in use') : t('Register this computer')}
        </h1>
        <p className="text-muted">
          {isFull
            ? t(
                'Your account works on {limit, plural, =0 {a few} other {#}} devices. Remove one, and this computer takes its place.',
                { limit: data?.limit ?? 0 },
              )
            : t('You are signed in. Register this computer to download on it.')}
        </p>
      </div>
      {data === undefined && error === null && <SkeletonRows count={5} className="h-14" />}
      <ul className="flex flex-col gap-2">
        {isFull &&
          oldestFirst.map(({ id, name, platform, lastSeenAt }, index) => (
            <li key={id} className="flex items-center gap-3 rounded-panel border border-line bg-panel p-3">
              <div className="min-w-0 grow">
                <p className="truncate font-medium text-sm">{name}</p>
                <p className="text-muted text-xs">
                  {PLATFORM[platform]} ·{' '}
                  {lastSeenAt === null
                    ? t('never used')
                    : t('used {when}', { when: formatSince(lastSeenAt, Date.now()) })}
                </p>
              </div>
              <Button
                size="small"
                kind={index === 0 ? 'primary' : 'secondary'}
                disabled={revoke.isPending || register.isPending}
                aria-label={t('Remove {name} and go on', { name })}
                onClick={() => revoke.mutate({ deviceId: id })}
              >
                {t('Remove')}
              </Button>
            </li>
          ))}
      </ul>
      {!isFull && (
        <Button kind="primary" size="large" disabled={register.isPending} onClick={() => register.mutate({})}>
          {t('Register this computer')}
        </Button>
      )}
      {failure !== null && (
        <p role="alert" className="text-sm">
          <span className="font-medium text-coral">{t(errorText(failure).what)}.</span> {t(errorText(failure).remedy)}
        </p>
      )}
      <div className="-ml-3.5 flex flex-wrap gap-2">
        <Button kind="quiet" onClick={onLater}>
          {t('Not now, show my library')}
        </Button>
        <Button kind="quiet" onClick={() => signOut.mutate({})}>
          {t('Sign out')}
        </Button>
      </div>
    </>
  )
}

interface RemovedProps {
  readonly isPending: boolean
  readonly onSignIn: () => void
  readonly onLater: () => void
}

/** This computer was removed elsewhere, and its session with it: only signing in brings it back. */
function Removed({ isPending, onSignIn, onLater }: RemovedProps) {
  const t = useText()
  const { what, remedy } = ERROR_TEXT['device-revoked']
  return (
    <>
      <div role="alert" className="flex flex-col gap-2">
        <h1 className="text-balance font-semibold text-xl">{t(what)}</h1>
        <p className="text-muted">{t(remedy)}</p>
      </div>
      <Button kind="primary" size="large" disabled={isPending} onClick={onSignIn}>
        {t('Sign in again')}
      </Button>
      <Button kind="quiet" onClick={onLater}>
        {t('Not now, show my library')}
      </Button>
    </>
  )
}

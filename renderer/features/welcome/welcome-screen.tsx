import { useNavigate, useRouter } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { chooseToBrowse } from '../../shared/state/browsing.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Logo } from '../../shared/ui/logo.tsx'
import { useSession } from '../../shared/use-session.ts'
import { useTheme } from '../../shared/use-theme.ts'
import { DeviceLimit } from './device-limit.tsx'
import { RecoveryForm } from './recovery-form.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { SignUpForm } from './sign-up-form.tsx'
import { WaveWall } from './wave-wall.tsx'

type Step = 'sign-in' | 'sign-up' | 'recovery'

/** The first screen: one sentence, one picture made of waveforms, and the way in. */
export function WelcomeScreen() {
  const t = useText()
  const navigate = useNavigate()
  const session = useSession()
  const [step, setStep] = useState<Step>('sign-in')
  const [email, setEmail] = useState('')
  useTheme()
  const router = useRouter()
  // The core tells of a sign-in before its answer is here: whoever went on meanwhile is not called back.
  const enter = (): void => {
    if (router.state.location.pathname === '/welcome') void navigate({ to: '/', replace: true })
  }
  const lookAround = (): void => {
    chooseToBrowse()
    enter()
  }
  const isIn = session?.status === 'signed-in'
  useEffect(() => {
    // Also when the sign-in ended in the browser.
    if (isIn) void navigate({ to: '/', replace: true })
  }, [isIn, navigate])
  const needsDevice = session?.status === 'needs-device'
  return (
    <div className="grid h-full md:grid-cols-2">
      <WaveWall />
      <main className="flex min-h-0 flex-col overflow-y-auto p-6">
        <div className="m-auto flex w-full max-w-sm flex-col gap-6">
          <Logo />
          {needsDevice ? (
            <DeviceLimit onDone={enter} onLater={lookAround} />
          ) : (
            <>
              <h1 className="text-balance font-semibold text-xl">
                {step === 'sign-in' && t('Sign in to MixMint')}
                {step === 'sign-up' && t('Create your account')}
                {step === 'recovery' && t('Choose a new password')}
              </h1>
              {step === 'sign-in' && (
                <SignInForm
                  email={email}
                  onEmail={setEmail}
                  onDone={(status) => {
                    if (status === 'signed-in') enter()
                  }}
                  onForgot={() => setStep('recovery')}
                />
              )}
              {step === 'sign-up' && (
                <SignUpForm
                  email={email}
                  onDone={(status) => {
                    if (status === 'signed-in') enter()
                  }}
                />
              )}
              {step === 'recovery' && <RecoveryForm email={email} onDone={enter} onBack={() => setStep('sign-in')} />}
              {step !== 'recovery' && (
                <p className="text-muted text-sm">
                  {step === 'sign-in' ? t('New here?') : t('Already have an account?')}{' '}
                  <button
                    type="button"
                    onClick={() => setStep(step === 'sign-in' ? 'sign-up' : 'sign-in')}
                    className="font-medium text-mint underline"
                  >
                    {step === 'sign-in' ? t('Create an account') : t('Sign in')}
                  </button>
                </p>
              )}
              <Button kind="quiet" className="-ml-3.5 self-start" onClick={lookAround}>
                {t('Look around without an account')}
              </Button>
            </>
          )}
        </div>
      </main>
    </div>
  )
}

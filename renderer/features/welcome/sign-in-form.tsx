import { zodResolver } from '@hookform/resolvers/zod'
import { useForm } from 'react-hook-form'
import { app } from '../../../contract/app.ts'
import { identity, type SignInState } from '../../../contract/identity.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Field } from '../../shared/ui/field.tsx'
import { useCall, useCommand } from '../../shared/use-call.ts'
import { FormFailure } from './form-failure.tsx'
import { OAuthButtons } from './oauth-buttons.tsx'

interface SignInFormProps {
  readonly email: string
  readonly onEmail: (email: string) => void
  readonly onDone: (status: SignInState['status']) => void
  readonly onForgot: () => void
}

/** E-mail and password, or another provider; a local server's demo accounts fill the form. */
export function SignInForm({ email, onEmail, onDone, onForgot }: SignInFormProps) {
  const t = useText()
  const { data: status } = useCall(app.status, {})
  const { register, handleSubmit, setValue, formState } = useForm({
    resolver: zodResolver(identity.signIn.input),
    defaultValues: { email, password: '' },
  })
  const signIn = useCommand(identity.signIn, {
    answers: identity.state,
    showsFailure: true,
    onDone: ({ status: now }) => onDone(now),
  })
  const emailField = register('email', {
    onChange: (event: { target: { value: string } }) => onEmail(event.target.value),
  })
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => void handleSubmit((input) => signIn.mutate(input))(event)}
    >
      <Field
        label={t('E-mail')}
        type="email"
        autoComplete="username"
        error={formState.errors.email === undefined ? undefined : t('This is not an e-mail address')}
        {...emailField}
      />
      <Field
        label={t('Password')}
        type="password"
        autoComplete="current-password"
        error={formState.errors.password === undefined ? undefined : t('Type your password')}
        {...register('password')}
      />
      <FormFailure error={signIn.error} />
      <Button type="submit" kind="primary" size="large" disabled={signIn.isPending}>
        {signIn.isPending ? t('Signing in…') : t('Sign in')}
      </Button>
      <button type="button" onClick={onForgot} className="self-start text-muted text-sm underline hover:text-text">
        {t('Forgot your password?')}
      </button>
      <OAuthButtons providers={status?.oauthProviders ?? []} />
      {status !== undefined && status.demoAccounts.length > 0 && (
        <section aria-label={t('Demo accounts')} className="flex flex-col gap-1 border-line border-t pt-4">
          <h2 className="mb-1 text-muted text-xs">{t('This is a local server. Sign in as:')}</h2>
          {status.demoAccounts.map((account) => (
            <button
              key={account.email}
              type="button"
              onClick={() => {
                setValue('email', account.email)
                setValue('password', account.password)
                signIn.mutate({ email: account.email, password: account.password })
              }}
              className="-mx-2 flex flex-col rounded-control px-2 py-1.5 text-left text-sm hover:bg-hover"
            >
              <span className="font-medium">{account.email}</span>
              <span className="text-muted text-xs">{account.about}</span>
            </button>
          ))}
        </section>
      )}
    </form>
  )
}

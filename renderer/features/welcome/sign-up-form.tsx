import { zodResolver } from '@hookform/resolvers/zod'
import { useForm } from 'react-hook-form'
import { z } from 'zod'
import { identity, Password, type SignInState } from '../../../contract/identity.ts'
import { Email } from '../../../contract/values.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Field } from '../../shared/ui/field.tsx'
import { useCommand } from '../../shared/use-call.ts'
import { FormFailure } from './form-failure.tsx'

const SignUp = z.object({ email: Email, password: Password, fullName: z.string().trim().max(120) })

interface SignUpFormProps {
  readonly email: string
  readonly onDone: (status: SignInState['status']) => void
}

/** A new account; the rules of the password are said before it is typed. */
export function SignUpForm({ email, onDone }: SignUpFormProps) {
  const t = useText()
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(SignUp),
    defaultValues: { email, password: '', fullName: '' },
  })
  const signUp = useCommand(identity.signUp, {
    answers: identity.state,
    showsFailure: true,
    onDone: ({ status }) => onDone(status),
  })
  const { errors } = formState
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) =>
        void handleSubmit(({ fullName, ...rest }) =>
          signUp.mutate({ ...rest, ...(fullName === '' ? {} : { fullName }) }),
        )(event)
      }
    >
      <Field label={t('Name (optional)')} type="text" autoComplete="name" {...register('fullName')} />
      <Field
        label={t('E-mail')}
        type="email"
        autoComplete="username"
        error={errors.email === undefined ? undefined : t('This is not an e-mail address')}
        {...register('email')}
      />
      <Field
        label={t('Password')}
        type="password"
        autoComplete="new-password"
        hint={t('At least 8 characters. A few words in a row are good.')}
        error={errors.password === undefined ? undefined : t('Use at least 8 characters')}
        {...register('password')}
      />
      <FormFailure error={signUp.error} />
      <Button type="submit" kind="primary" size="large" disabled={signUp.isPending}>
        {signUp.isPending ? t('Creating your account…') : t('Create account')}
      </Button>
    </form>
  )
}

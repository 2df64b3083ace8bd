import { zodResolver } from '@hookform/resolvers/zod'
import { useState } from 'react'
import { useForm } from 'react-hook-form'
import { z } from 'zod'
import { identity, MailCode, Password } from '../../../contract/identity.ts'
import { Email } from '../../../contract/values.ts'
import { useText } from '../../shared/text.ts'
import { Button } from '../../shared/ui/button.tsx'
import { Field } from '../../shared/ui/field.tsx'
import { useCommand } from '../../shared/use-call.ts'
import { FormFailure } from './form-failure.tsx'

const Asked = z.object({ email: Email })
const Answered = z.object({ code: MailCode, password: Password })

interface RecoveryFormProps {
  readonly email: string
  readonly onDone: () => void
  readonly onBack: () => void
}

/** A new password in two steps: the address, then the code from the mail. */
export function RecoveryForm({ email, onDone, onBack }: RecoveryFormProps) {
  const t = useText()
  const [mailedTo, setMailedTo] = useState<string | null>(null)
  return (
    <>
      {mailedTo === null ? (
        <AskForCode email={email} onAsked={setMailedTo} />
      ) : (
        <AnswerWithCode email={mailedTo} onDone={onDone} onAgain={() => setMailedTo(null)} />
      )}
      <Button kind="quiet" className="self-start" onClick={onBack}>
        {t('Back to sign in')}
      </Button>
    </>
  )
}

function AskForCode({ email, onAsked }: { email: string; onAsked: (email: string) => void }) {
  const t = useText()
  const { register, handleSubmit, formState } = useForm({ resolver: zodResolver(Asked), defaultValues: { email } })
  const ask = useCommand(identity.requestPasswordReset, {
    showsFailure: true,
    onDone: (_done, input) => onAsked(input.email),
  })
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => void handleSubmit((input) => ask.mutate(input))(event)}
    >
      <p className="text-muted text-sm">{t('We send a code of six digits to your address.')}</p>
      <Field
        label={t('E-mail')}
        type="email"
        autoComplete="username"
        error={formState.errors.email === undefined ? undefined : t('This is not an e-mail address')}
        {...register('email')}
      />
      <FormFailure error={ask.error} />
      <Button type="submit" kind="primary" size="large" disabled={ask.isPending}>
        {t('Send the code')}
      </Button>
    </form>
  )
}

function AnswerWithCode({ email, onDone, onAgain }: { email: string; onDone: () => void; onAgain: () => void }) {
  const t = useText()
  const { register, handleSubmit, formState } = useForm({
    resolver: zodResolver(Answered),
    defaultValues: { code: '', password: '' },
  })
  const reset = useCommand(identity.resetPassword, {
    answers: identity.state,
    showsFailure: true,
    onDone,
  })
  const { errors } = formState
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => void handleSubmit((input) => reset.mutate({ email, ...input }))(event)}
    >
      <p role="status" className="text-muted text-sm">
        {t('If {email} has an account, a code is in its mail now.', { email })}
      </p>
      <Field
        label={t('Code from the mail')}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        error={errors.code === undefined ? undefined : t('The code has six digits')}
        {...register('code')}
      />
      <Field
        label={t('New password')}
        type="password"
        autoComplete="new-password"
        hint={t('At least 8 characters. A few words in a row are good.')}
        error={errors.password === undefined ? undefined : t('Use at least 8 characters')}
        {...register('password')}
      />
      <FormFailure error={reset.error} />
      <Button type="submit" kind="primary" size="large" disabled={reset.isPending}>
        {t('Save and sign in')}
      </Button>
      <button type="button" onClick={onAgain} className="self-start text-muted text-sm underline hover:text-text">
        {t('Send another code')}
      </button>
    </form>
  )
}

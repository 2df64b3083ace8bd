import { errorText } from '../../shared/error-text.ts'
import { useText } from '../../shared/text.ts'

/** Why a form was refused, said where it is sent. */
export function FormFailure({ error }: { error: Error | null }) {
  const t = useText()
  if (error === null) return null
  const { what, remedy } = errorText(error)
  return (
    <p role="alert" className="text-sm">
      <span className="font-medium text-coral">{t(what)}.</span> <span className="text-muted">{t(remedy)}</span>
    </p>
  )
}

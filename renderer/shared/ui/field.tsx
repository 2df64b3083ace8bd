import { type ComponentProps, useId } from 'react'
import { classNames } from './class-names.ts'

interface FieldProps extends Omit<ComponentProps<'input'>, 'id'> {
  readonly label: string
  /** Rules, said before typing. */
  readonly hint?: string
  readonly error?: string | undefined
  readonly isLabelHidden?: boolean
}

export const INPUT_CLASS =
  'h-10 w-full rounded-control border border-edge bg-ground px-3 text-base text-text transition-colors hover:border-text aria-invalid:border-coral'

/** A labelled text field with its rule and its error beside it. */
export function Field({ label, hint, error, isLabelHidden = false, className, ...rest }: FieldProps) {
  const id = useId()
  return (
    <div className={classNames('flex flex-col gap-1.5', className)}>
      <label htmlFor={id} className={isLabelHidden ? 'sr-only' : 'font-medium text-sm'}>
        {label}
      </label>
      <input
        id={id}
        className={INPUT_CLASS}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-hint ${id}-error`}
        {...rest}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="text-muted text-xs">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} role="alert" className="text-coral text-sm">
          {error}
        </p>
      )}
    </div>
  )
}

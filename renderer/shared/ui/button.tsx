import type { ComponentProps } from 'react'
import { classNames } from './class-names.ts'

/** `plain` takes the colour of what is in it. */
export type ButtonKind = 'primary' | 'secondary' | 'quiet' | 'plain' | 'danger'
export type ButtonSize = 'small' | 'medium' | 'large'

const KIND: Record<ButtonKind, string> = {
  primary: 'bg-mint-fill text-on-mint hover:bg-mint-fill-hover font-semibold',
  secondary: 'border border-edge hover:bg-hover',
  quiet: 'text-muted hover:bg-hover hover:text-text',
  plain: 'hover:bg-hover',
  danger: 'border border-coral text-coral hover:bg-hover',
}
const SIZE: Record<ButtonSize, string> = {
  small: 'h-7 px-2.5 text-sm gap-1.5',
  medium: 'h-9 px-3.5 text-sm gap-2',
  large: 'h-11 px-5 text-base gap-2',
}

/** The look of a button, for links that act as one. */
export function buttonClass(kind: ButtonKind = 'secondary', size: ButtonSize = 'medium', more = ''): string {
  return classNames(
    'inline-flex shrink-0 items-center justify-center rounded-control whitespace-nowrap font-medium transition-[background-color,color,transform,opacity] select-none active:scale-[0.98] disabled:opacity-50 disabled:active:scale-100',
    KIND[kind],
    SIZE[size],
    more,
  )
}

interface ButtonProps extends ComponentProps<'button'> {
  readonly kind?: ButtonKind
  readonly size?: ButtonSize
}

export function Button({ kind, size, className, type = 'button', ...rest }: ButtonProps) {
  return <button type={type} className={buttonClass(kind, size, className)} {...rest} />
}

import type { LucideIcon } from 'lucide-react'
import type { ComponentProps } from 'react'
import { classNames } from './class-names.ts'
import { Tooltip } from './tooltip.tsx'

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly icon: LucideIcon
  readonly label: string
  readonly size?: 'small' | 'medium'
}

/** A button that shows an icon alone; its word is in the tooltip and for screen readers. */
export function IconButton({ icon: Icon, label, size = 'medium', className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label}>
      <button
        type="button"
        aria-label={label}
        className={classNames(
          'inline-flex shrink-0 items-center justify-center rounded-control text-muted transition-colors hover:bg-hover hover:text-text disabled:opacity-40',
          size === 'small' ? 'size-7' : 'size-9',
          className,
        )}
        {...rest}
      >
        <Icon size={size === 'small' ? 16 : 20} strokeWidth={1.5} aria-hidden />
      </button>
    </Tooltip>
  )
}

import { Check, ChevronRight, type LucideIcon } from 'lucide-react'
import { DropdownMenu as Radix } from 'radix-ui'
import type { ReactElement, ReactNode } from 'react'
import { classNames } from './class-names.ts'

const ITEM =
  'flex h-8 cursor-pointer items-center gap-2.5 rounded-control px-2 text-sm outline-none select-none data-highlighted:bg-hover data-disabled:text-muted data-disabled:opacity-60'

/** A list of actions that opens from its trigger. */
export function Menu({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="rise-in z-50 max-h-[60vh] min-w-52 overflow-y-auto rounded-panel border border-line bg-raised p-1 text-text"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

interface MenuItemProps {
  readonly icon?: LucideIcon
  readonly children: ReactNode
  readonly onSelect: () => void
  readonly isDisabled?: boolean
  readonly isDanger?: boolean
}

export function MenuItem({ icon: Icon, children, onSelect, isDisabled = false, isDanger = false }: MenuItemProps) {
  return (
    <Radix.Item className={classNames(ITEM, isDanger && 'text-coral')} disabled={isDisabled} onSelect={onSelect}>
      {Icon !== undefined && <Icon size={16} strokeWidth={1.5} aria-hidden />}
      <span className="truncate">{children}</span>
    </Radix.Item>
  )
}

export function MenuHeading({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-2 pb-1 text-muted text-xs">{children}</Radix.Label>
}

export function MenuLine() {
  return <Radix.Separator className="my-1 h-px bg-line" />
}

/** A list that opens beside its word. */
export function SubMenu({ icon: Icon, word, children }: { icon?: LucideIcon; word: string; children: ReactNode }) {
  return (
    <Radix.Sub>
      <Radix.SubTrigger className={classNames(ITEM, 'data-[state=open]:bg-hover')}>
        {Icon !== undefined && <Icon size={16} strokeWidth={1.5} aria-hidden />}
        <span className="grow truncate">{word}</span>
        <ChevronRight size={16} strokeWidth={1.5} className="text-muted" aria-hidden />
      </Radix.SubTrigger>
      <Radix.Portal>
        <Radix.SubContent
          sideOffset={4}
          collisionPadding={8}
          className="rise-in z-50 max-h-[60vh] min-w-44 overflow-y-auto rounded-panel border border-line bg-raised p-1 text-text"
        >
          {children}
        </Radix.SubContent>
      </Radix.Portal>
    </Radix.Sub>
  )
}

interface MenuOptionProps {
  readonly isChosen: boolean
  readonly children: ReactNode
  readonly onSelect: () => void
}

/** One of a few in a menu, the chosen one ticked. */
export function MenuOption({ isChosen, children, onSelect }: MenuOptionProps) {
  return (
    <Radix.CheckboxItem checked={isChosen} onSelect={onSelect} className={ITEM}>
      <span className="flex size-4 shrink-0 items-center justify-center">
        {isChosen && <Check size={16} strokeWidth={1.5} aria-hidden />}
      </span>
      <span className="figures truncate">{children}</span>
    </Radix.CheckboxItem>
  )
}

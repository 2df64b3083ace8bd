import { Tooltip as Radix } from 'radix-ui'
import type { ReactElement } from 'react'

/** Says what something without a word is, on hover and on focus. */
export function Tooltip({ text, children }: { text: string; children: ReactElement }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          sideOffset={6}
          collisionPadding={8}
          className="rise-in z-50 max-w-64 rounded-control border border-line bg-raised px-2.5 py-1.5 text-text text-xs"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

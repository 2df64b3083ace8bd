import { X } from 'lucide-react'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { useText } from '../text.ts'
import { classNames } from './class-names.ts'
import { IconButton } from './icon-button.tsx'

interface DialogProps {
  readonly title: string
  readonly about?: string
  readonly onClose: () => void
  readonly children: ReactNode
  /** `panel` comes in from the right edge, `box` stands in the middle. */
  readonly shape?: 'box' | 'panel'
  readonly footer?: ReactNode
}

/** A question or task in front of the screen; Escape and the scrim close it. */
export function Dialog({ title, about, onClose, children, shape = 'box', footer }: DialogProps) {
  const t = useText()
  return (
    <Radix.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Radix.Content
          // The title is read first, and no button shows its tooltip before anyone came near it.
          onOpenAutoFocus={(event) => {
            event.preventDefault()
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus()
          }}
          {...(about === undefined ? { 'aria-describedby': undefined } : {})}
          className={classNames(
            'fixed z-40 flex flex-col border border-line bg-panel text-text outline-none',
            shape === 'panel'
              ? 'panel-in inset-y-0 right-0 w-full max-w-[440px] border-y-0 border-r-0'
              : 'rise-in inset-x-4 top-[12vh] mx-auto max-h-[76vh] max-w-[520px] rounded-panel',
          )}
        >
          <header className="flex items-start gap-3 border-line border-b px-6 py-4">
            <div className="min-w-0 grow">
              <Radix.Title className="font-semibold text-lg">{title}</Radix.Title>
              {about !== undefined && <Radix.Description className="text-muted text-sm">{about}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <IconButton icon={X} label={t('Close')} size="small" />
            </Radix.Close>
          </header>
          <div className="min-h-0 grow overflow-y-auto px-6 py-5">{children}</div>
          {footer !== undefined && <footer className="border-line border-t px-6 py-4">{footer}</footer>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

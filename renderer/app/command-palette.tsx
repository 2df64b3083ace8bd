import { useNavigate } from '@tanstack/react-router'
import {
  ArrowDownToLine,
  Box,
  Boxes,
  CirclePause,
  CirclePlay,
  LibraryBig,
  type LucideIcon,
  MonitorSmartphone,
  Moon,
  Search,
  Settings,
  Store,
} from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type KeyboardEvent, useId, useState } from 'react'
import { app } from '../../contract/app.ts'
import { crates } from '../../contract/crates.ts'
import { delivery } from '../../contract/delivery.ts'
import { everythingQuestion } from '../shared/state/everything-question.ts'
import { player } from '../shared/state/player.ts'
import { toasts } from '../shared/state/toasts.ts'
import { useText } from '../shared/text.ts'
import { classNames } from '../shared/ui/class-names.ts'
import { useCall, useCommand } from '../shared/use-call.ts'
import { useHasAccount } from '../shared/use-session.ts'

interface Command {
  readonly word: string
  readonly icon: LucideIcon
  run(): void
}

/** Everything there is to do or to open, by typing. */
export function CommandPalette({ onClose }: { onClose: () => void }) {
  const t = useText()
  const id = useId()
  const [typed, setTyped] = useState('')
  const [at, setAt] = useState(0)
  const commands = useCommands(typed)
  const chosen = Math.min(at, commands.length - 1)

  function run(command: Command | undefined): void {
    if (command === undefined) return
    onClose()
    command.run()
  }
  function onKey(event: KeyboardEvent): void {
    if (event.key === 'ArrowDown') setAt((chosen + 1) % commands.length)
    else if (event.key === 'ArrowUp') setAt((chosen - 1 + commands.length) % commands.length)
    else if (event.key === 'Enter') run(commands[chosen])
    else return
    event.preventDefault()
  }

  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="rise-in fixed inset-x-4 top-[12vh] z-40 mx-auto flex max-h-[60vh] max-w-140 flex-col overflow-hidden rounded-panel border border-line bg-panel"
        >
          <Dialog.Title className="sr-only">{t('Command palette')}</Dialog.Title>
          <input
            // biome-ignore lint/a11y/noAutofocus: the palette is opened in order to type.
            autoFocus
            role="combobox"
            aria-expanded
            aria-controls={`${id}-list`}
            aria-activedescendant={`${id}-${chosen}`}
            aria-label={t('Type a command or what to search for')}
            placeholder={t('Type a command or what to search for')}
            spellCheck={false}
            value={typed}
            onChange={(event) => {
              setTyped(event.target.value)
              setAt(0)
            }}
            onKeyDown={onKey}
            className="h-14 shrink-0 border-line border-b bg-transparent px-5 text-base focus-visible:outline-none"
          />
          <div id={`${id}-list`} role="listbox" aria-label={t('Commands')} className="overflow-y-auto p-2">
            {commands.map((command, index) => {
              const { word, icon: Icon } = command
              return (
                // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the combobox above, which keeps the focus.
                <div
                  key={word}
                  id={`${id}-${index}`}
                  role="option"
                  tabIndex={-1}
                  aria-selected={index === chosen}
                  onMouseMove={() => setAt(index)}
                  onClick={() => run(command)}
                  className={classNames(
                    'flex h-9 cursor-pointer items-center gap-3 rounded-control px-3 text-sm',
                    index === chosen && 'bg-hover',
                  )}
                >
                  <Icon size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
                  <span className="truncate">{word}</span>
                </div>
              )
            })}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function useCommands(typed: string): readonly Command[] {
  const t = useText()
  const navigate = useNavigate()
  const hasAccount = useHasAccount()
  const { data: list } = useCall(crates.list, {}, { isEnabled: hasAccount })
  const pauseAll = useCommand(delivery.pauseAll, { refresh: [delivery.list] })
  const resumeAll = useCommand(delivery.resumeAll, { refresh: [delivery.list] })
  const change = useCommand(app.changeSettings, {
    refresh: [app.getSettings, delivery.list],
    onDone: () => toasts.told(t('Gig mode: everything is held until you end it under Downloads')),
  })
  const words = typed.trim()
  const commands: Command[] = [
    { word: t('Store'), icon: Store, run: () => void navigate({ to: '/' }) },
    { word: t('Library'), icon: LibraryBig, run: () => void navigate({ to: '/library' }) },
    { word: t('Downloads'), icon: ArrowDownToLine, run: () => void navigate({ to: '/downloads' }) },
    { word: t('Crates'), icon: Boxes, run: () => void navigate({ to: '/crates' }) },
    ...(list?.crates ?? []).map(({ id, name }) => ({
      word: t('Crate: {name}', { name }),
      icon: Box,
      run: () => void navigate({ to: '/crates/$id', params: { id } }),
    })),
    { word: t('Devices'), icon: MonitorSmartphone, run: () => void navigate({ to: '/devices' }) },
    { word: t('Settings'), icon: Settings, run: () => void navigate({ to: '/settings' }) },
    { word: t('Play or pause'), icon: CirclePlay, run: () => player.toggled() },
    ...(hasAccount
      ? [
          { word: t('Pause all downloads'), icon: CirclePause, run: () => pauseAll.mutate({}) },
          { word: t('Continue all downloads'), icon: CirclePlay, run: () => resumeAll.mutate({}) },
          { word: t('Download everything I own…'), icon: LibraryBig, run: everythingQuestion.asked },
          { word: t('Gig mode: hold everything'), icon: Moon, run: () => change.mutate({ bandwidthLimit: 0 }) },
        ]
      : []),
  ]
  const fitting = commands.filter(({ word }) => word.toLowerCase().includes(words.toLowerCase()))
  const search: Command = {
    word: t('Search the store for “{words}”', { words }),
    icon: Search,
    run: () => void navigate({ to: '/search', search: { q: words } }),
  }
  return words === '' ? commands : [...fitting, search]
}

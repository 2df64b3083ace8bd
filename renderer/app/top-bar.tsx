import { useNavigate, useRouterState } from '@tanstack/react-router'
import { CircleUserRound, LogIn, LogOut, Menu as MenuIcon, Moon, Search, Sun, SunMoon, X } from 'lucide-react'
import { type FormEvent, useEffect, useRef } from 'react'
import { app, type Settings } from '../../contract/app.ts'
import { identity } from '../../contract/identity.ts'
import { forgetToBrowse } from '../shared/state/browsing.ts'
import { useText } from '../shared/text.ts'
import { Button } from '../shared/ui/button.tsx'
import { IconButton } from '../shared/ui/icon-button.tsx'
import { Menu, MenuHeading, MenuItem } from '../shared/ui/menu.tsx'
import { patchAnswers, useCall, useCommand } from '../shared/use-call.ts'
import { useSession } from '../shared/use-session.ts'
import { NetworkStatus } from './network-status.tsx'

const NEXT_THEME: Record<Settings['theme'], Settings['theme']> = { system: 'dark', dark: 'light', light: 'system' }
const THEME_ICON = { system: SunMoon, dark: Moon, light: Sun } as const
const THEME_WORD = { system: 'Theme: as the system', dark: 'Theme: dark', light: 'Theme: light' } as const

interface TopBarProps {
  readonly onOpenPalette: () => void
  readonly onOpenDrawer: () => void
}

/** Search, the state of the network, the theme and the account. */
export function TopBar({ onOpenPalette, onOpenDrawer }: TopBarProps) {
  const t = useText()
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-line border-b px-3 md:px-6">
      <IconButton icon={MenuIcon} label={t('Places')} className="sm:hidden" onClick={onOpenDrawer} />
      <SearchBox onOpenPalette={onOpenPalette} />
      <div className="grow" />
      <NetworkStatus />
      <ThemeButton />
      <AccountMenu />
    </header>
  )
}

function SearchBox({ onOpenPalette }: { onOpenPalette: () => void }) {
  const t = useText()
  const navigate = useNavigate()
  const input = useRef<HTMLInputElement>(null)
  const shown = useRouterState({
    select: ({ location }) =>
      location.pathname === '/search' ? String((location.search as { q?: string }).q ?? '') : '',
  })
  useEffect(() => {
    if (input.current !== null && document.activeElement !== input.current) input.current.value = shown
  }, [shown])
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const isTyping = event.target instanceof HTMLElement && event.target.matches('input, textarea, select')
      if (event.key !== '/' || isTyping) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
  const search = (text: string): void => void navigate({ to: '/search', search: text === '' ? {} : { q: text } })
  return (
    <search className="flex min-w-0 max-w-160 grow-[4]">
      <form
        className="relative flex w-full items-center"
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          search(input.current?.value.trim() ?? '')
        }}
      >
        <Search size={16} strokeWidth={1.5} className="pointer-events-none absolute left-3 text-muted" aria-hidden />
        <input
          ref={input}
          type="text"
          aria-label={t('Search the store')}
          placeholder={t('Search, or type bpm:120-128 key:~8A')}
          spellCheck={false}
          autoComplete="off"
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return
            event.currentTarget.value = ''
            event.currentTarget.blur()
          }}
          className="h-9 w-full rounded-control border border-line bg-panel pr-3 pl-9 sm:pr-20 text-sm transition-colors hover:border-edge focus:border-edge"
        />
        <div className="absolute right-1 flex items-center">
          {shown !== '' && (
            <IconButton
              icon={X}
              size="small"
              label={t('Clear the search')}
              onClick={() => {
                if (input.current !== null) input.current.value = ''
                search('')
              }}
            />
          )}
          <Button
            kind="quiet"
            size="small"
            onClick={onOpenPalette}
            aria-label={t('Open the command palette, ⌘K')}
            className="max-sm:hidden"
          >
            <kbd className="font-sans text-xs">⌘K</kbd>
          </Button>
        </div>
      </form>
    </search>
  )
}

function ThemeButton() {
  const t = useText()
  const { data } = useCall(app.getSettings, {})
  const change = useCommand(app.changeSettings, {
    refresh: [app.getSettings],
    optimistic: (patch, queries) =>
      patchAnswers(queries, app.getSettings, (settings) => ({ ...settings, ...patch }) as Settings),
  })
  const theme = data?.theme ?? 'system'
  return (
    <IconButton
      icon={THEME_ICON[theme]}
      label={t(THEME_WORD[theme])}
      onClick={() => change.mutate({ theme: NEXT_THEME[theme] })}
    />
  )
}

function AccountMenu() {
  const t = useText()
  const navigate = useNavigate()
  const session = useSession()
  const signOut = useCommand(identity.signOut, {
    answers: identity.state,
    onDone: () => {
      forgetToBrowse()
      void navigate({ to: '/welcome' })
    },
  })
  if (session === undefined) return null
  if (session.account === null || session.status === 'signed-out') {
    return (
      <Button kind="secondary" onClick={() => void navigate({ to: '/welcome' })}>
        <LogIn size={16} strokeWidth={1.5} aria-hidden />
        {t('Sign in')}
      </Button>
    )
  }
  const { fullName, email } = session.account
  return (
    <Menu trigger={<IconButton icon={CircleUserRound} label={t('Account')} />}>
      <MenuHeading>{fullName === null ? email : `${fullName} · ${email}`}</MenuHeading>
      <MenuItem icon={LogOut} onSelect={() => signOut.mutate({})}>
        {t('Sign out')}
      </MenuItem>
    </Menu>
  )
}

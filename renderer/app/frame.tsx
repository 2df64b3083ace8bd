import { Outlet, useRouterState } from '@tanstack/react-router'
import { Dialog } from 'radix-ui'
import { useEffect, useRef, useState } from 'react'
import { CheckoutPanel } from '../features/checkout/checkout-panel.tsx'
import { EverythingDialog } from '../features/everything/everything-dialog.tsx'
import { PlayerBar } from '../features/player/player-bar.tsx'
import { useText } from '../shared/text.ts'
import { useTheme } from '../shared/use-theme.ts'
import { CommandPalette } from './command-palette.tsx'
import { Notices } from './notices.tsx'
import { Sidebar } from './sidebar.tsx'
import { TopBar } from './top-bar.tsx'
import { useFirstRun } from './use-first-run.ts'

/** What stands around every screen: places, search, the player, and what comes over it. */
export function Frame() {
  const t = useText()
  const [isPaletteOpen, setPaletteOpen] = useState(false)
  const [isDrawerOpen, setDrawerOpen] = useState(false)
  const place = useRouterState({ select: ({ location }) => location.pathname })
  const content = useRef<HTMLElement>(null)
  useTheme()
  useFirstRun()

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setPaletteOpen(true)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new place begins at its top, whatever else changed.
  useEffect(() => {
    setDrawerOpen(false)
    content.current?.scrollTo(0, 0)
  }, [place])

  return (
    <div className="grid h-full grid-cols-[minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto] sm:grid-cols-[auto_minmax(0,1fr)]">
      <button
        type="button"
        onClick={() => content.current?.focus()}
        className="sr-only z-50 rounded-control bg-mint-fill px-4 py-2 text-on-mint focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t('Skip to content')}
      </button>
      <div className="hidden border-line border-r bg-panel sm:block sm:w-16 md:w-55">
        <Sidebar shape="fitting" />
      </div>
      <Dialog.Root open={isDrawerOpen} onOpenChange={setDrawerOpen}>
        <Dialog.Portal>
          <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
          <Dialog.Content
            aria-describedby={undefined}
            className="rise-in fixed inset-y-0 left-0 z-40 w-64 border-line border-r bg-panel"
          >
            <Dialog.Title className="sr-only">{t('Places')}</Dialog.Title>
            <Sidebar shape="wide" />
          </Dialog.Content>
        </Dialog.Portal>
      </Dialog.Root>
      <div className="flex min-h-0 min-w-0 flex-col">
        <TopBar onOpenPalette={() => setPaletteOpen(true)} onOpenDrawer={() => setDrawerOpen(true)} />
        <Notices />
        <main ref={content} id="content" tabIndex={-1} className="min-h-0 grow overflow-y-auto outline-none">
          <Outlet />
        </main>
      </div>
      <div className="sm:col-span-2">
        <PlayerBar />
      </div>
      <CheckoutPanel />
      <EverythingDialog />
      {isPaletteOpen && <CommandPalette onClose={() => setPaletteOpen(false)} />}
    </div>
  )
}

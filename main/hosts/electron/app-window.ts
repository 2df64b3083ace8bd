import type { BrowserWindow } from 'electron'
import type { CoreEvent } from '../../../contract/events.ts'
import { sendEvent } from './ipc.ts'

/** The app's one window, which may be closed and opened again while the app runs. */
export interface AppWindow {
  /** Opens it, or brings it to the front. */
  show(): void
  hide(): void
  /** The window while it is open. */
  current(): BrowserWindow | null
  /** Tells the page. A page that is still loading reads everything afresh, so it hears only where it is to go. */
  tell(event: CoreEvent): void
  /** Shows the window at a place of the app. */
  goTo(route: string): void
}

/** `open` makes the window. */
export function createAppWindow(open: () => BrowserWindow): AppWindow {
  let window: BrowserWindow | null = null
  let isLoaded = false
  let destination: CoreEvent | null = null

  function openNew(): void {
    const opened = open()
    window = opened
    opened.once('closed', () => {
      window = null
      isLoaded = false
    })
    opened.webContents.on('did-finish-load', () => {
      isLoaded = true
      if (destination !== null) sendEvent(opened.webContents, destination)
      destination = null
    })
  }

  function show(): void {
    if (window === null) {
      openNew()
    } else {
      if (window.isMinimized()) window.restore()
      window.show()
      window.focus()
    }
  }

  function tell(event: CoreEvent): void {
    if (window !== null && isLoaded) sendEvent(window.webContents, event)
    else if (event.type === 'navigation.requested') destination = event
  }

  return {
    show,
    hide: () => window?.hide(),
    current: () => window,
    tell,
    goTo(route) {
      show()
      tell({ type: 'navigation.requested', route })
    },
  }
}

import { BrowserWindow, type WebPreferences } from 'electron'
import { appHostOf } from './own-address.ts'

/** What every window of the app is: a sandboxed page without Node, in a world apart from its preload script. */
export function webPreferences({ preload, isPackaged }: { preload?: string; isPackaged: boolean }): WebPreferences {
  return {
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: !isPackaged,
    ...(preload === undefined ? {} : { preload }),
  }
}

export interface WindowOptions {
  /** An address of the app itself. */
  readonly address: string
  readonly title: string
  readonly width: number
  readonly height: number
  /** Absolute; without one the page reaches nothing. */
  readonly preload?: string
  readonly icon: string
  readonly isPackaged: boolean
}

/** The one place where windows are made. Throws when it is asked for a page that is not the app's. */
export function openWindow({ address, title, width, height, preload, icon, isPackaged }: WindowOptions): BrowserWindow {
  if (appHostOf(address) === null) throw new Error(`A window shows the app alone, not ${address}`)
  const window = new BrowserWindow({
    title,
    width,
    height,
    minWidth: Math.min(width, 380),
    minHeight: Math.min(height, 480),
    show: false,
    backgroundColor: '#0b0f0e',
    autoHideMenuBar: true,
    icon,
    webPreferences: webPreferences({ isPackaged, ...(preload === undefined ? {} : { preload }) }),
  })
  window.once('ready-to-show', () => window.show())
  // A page that fails to load says so by itself: there is nobody else to tell.
  window.loadURL(address).catch(() => {})
  return window
}

import type { Event, WebContents } from 'electron'
import { APP_HOST, appHostOf, SETUP_HOST } from './own-address.ts'

/** Whether a page that is at `current` may go to `target`: within the app, or within the first start's question, never from one to the other. */
export function mayNavigate(current: string, target: string): boolean {
  const host = appHostOf(target)
  return host !== null && (host === APP_HOST || host === SETUP_HOST) && host === appHostOf(current)
}

/** Schemes that a page of the app may load anything from; `devtools:` is the inspector's own. */
const OWN_SCHEMES: ReadonlySet<string> = new Set(['app:', 'media:', 'data:', 'blob:', 'devtools:'])

/** Whether a request of a page stays inside the app: everything else goes through the core. */
export function mayRequest(address: string): boolean {
  return URL.canParse(address) && OWN_SCHEMES.has(new URL(address).protocol)
}

/**
 * Keeps a page where it is: no other document in it or its frames, no new windows, no guests. An address that a page would open in a
 * window goes to `openOutside`, which decides on its own.
 */
export function guardNavigation(contents: WebContents, openOutside: (address: string) => void): void {
  const keep = (event: Event<{ url: string }>): void => {
    if (!mayNavigate(contents.getURL(), event.url)) event.preventDefault()
  }
  contents.on('will-navigate', keep)
  contents.on('will-frame-navigate', keep)
  contents.on('will-redirect', keep)
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    openOutside(url)
    return { action: 'deny' }
  })
}

import type { App } from 'electron'

export const LINK_SCHEME = 'mixmint'
/** No link of the app is longer, in characters. */
const LONGEST = 2000

/**
 * The link in a command line: the one argument that begins with `mixmint://`. Anybody can start the app with any arguments, so several
 * links, or one of unlikely length, are none.
 */
export function linkOfArguments(args: readonly string[]): string | null {
  const links = args.filter((arg) => arg.toLowerCase().startsWith(`${LINK_SCHEME}://`))
  const [link] = links
  return links.length === 1 && link !== undefined && link.length <= LONGEST ? link : null
}

/** Keeps the last link that came before there was a core, and hands over the ones that come after. */
export interface LinkInbox {
  receive(link: string | null): void
  /** Begins to hand over. */
  open(follow: (link: string) => void): void
}

export function createLinkInbox(): LinkInbox {
  let waiting: string | null = null
  let follow: ((link: string) => void) | null = null
  return {
    receive(link) {
      if (link === null) return
      if (follow === null) waiting = link
      else follow(link)
    },
    open(next) {
      follow = next
      if (waiting !== null) next(waiting)
      waiting = null
    },
  }
}

/** Makes this app the one that opens `mixmint://` links. In development the system has to name the project too. */
export function claimLinks(app: Pick<App, 'isPackaged' | 'setAsDefaultProtocolClient' | 'getAppPath'>): void {
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME)
  else app.setAsDefaultProtocolClient(LINK_SCHEME, process.execPath, [app.getAppPath()])
}

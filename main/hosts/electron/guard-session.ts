import type { Session } from 'electron'
import { mayRequest } from './navigation.ts'
import { denyPermissions } from './permissions.ts'

/** Closes a session to the outside: no permissions, no requests but the app's own, no downloads by the browser, no spelling dictionaries. */
export function guardSession(session: Session): void {
  denyPermissions(session)
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayRequest(details.url) }))
  session.on('will-download', (event) => event.preventDefault())
  session.setSpellCheckerEnabled(false)
}

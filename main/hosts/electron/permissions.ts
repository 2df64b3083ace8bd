import type { Session } from 'electron'
import { isAppAddress } from './own-address.ts'

/** Putting text on the clipboard, after a click: what "Copy" buttons need. Reading it stays refused. */
const GRANTED = 'clipboard-sanitized-write'

/** Whether a page gets a permission of Chromium: none, but for copying from the app's own page. */
export function mayUse(permission: string, address: string): boolean {
  return permission === GRANTED && isAppAddress(address)
}

/** Refuses what Electron would grant by default: permissions when asked and when looked up, devices, screens. */
export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(mayUse(permission, requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) => mayUse(permission, requestingOrigin))
  session.setDevicePermissionHandler(() => false)
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}))
}

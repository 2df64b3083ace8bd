import type { MenuItemConstructorOptions } from 'electron'

const PLACES = [
  ['Store', '/', 'CmdOrCtrl+1'],
  ['Search', '/search', 'CmdOrCtrl+2'],
  ['Library', '/library', 'CmdOrCtrl+3'],
  ['Crates', '/crates', 'CmdOrCtrl+4'],
  ['Downloads', '/downloads', 'CmdOrCtrl+5'],
] as const

interface MenuNeeds {
  readonly isMac: boolean
  readonly isPackaged: boolean
  readonly goTo: (route: string) => void
}

/** The application menu: the places of the app by key, editing, and the view. Developer tools only in development. */
export function appMenu({ isMac, isPackaged, goTo }: MenuNeeds): MenuItemConstructorOptions[] {
  const settings: MenuItemConstructorOptions = {
    label: 'Settings…',
    accelerator: 'CmdOrCtrl+,',
    click: () => goTo('/settings'),
  }
  const first: MenuItemConstructorOptions = isMac
    ? {
        role: 'appMenu',
        submenu: [
          { role: 'about' },
          { type: 'separator' },
          settings,
          { type: 'separator' },
          { role: 'hide' },
          { role: 'hideOthers' },
          { role: 'unhide' },
          { type: 'separator' },
          { role: 'quit' },
        ],
      }
    : { label: 'File', submenu: [settings, { type: 'separator' }, { role: 'quit' }] }
  return [
    first,
    { role: 'editMenu' },
    {
      label: 'Go',
      submenu: PLACES.map(([label, route, accelerator]) => ({ label, accelerator, click: () => goTo(route) })),
    },
    {
      label: 'View',
      submenu: [
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(isPackaged ? [] : [{ role: 'reload' as const }, { role: 'toggleDevTools' as const }]),
      ],
    },
    { role: 'windowMenu' },
  ]
}

import { Menu, nativeImage, Tray } from 'electron'

interface TrayNeeds {
  /** The folder of the icons, absolute. */
  readonly icons: string
  readonly isMac: boolean
  readonly show: () => void
  readonly goTo: (route: string) => void
  readonly quit: () => void
}

/** The icon beside the clock; null where the desktop has no place for one. Keep what it gives: a tray that is collected vanishes. */
export function openTray({ icons, isMac, show, goTo, quit }: TrayNeeds): Tray | null {
  const image = nativeImage.createFromPath(`${icons}/${isMac ? 'trayTemplate' : 'tray'}.png`)
  if (image.isEmpty()) return null
  const tray = new Tray(image)
  tray.setToolTip('MixMint')
  tray.setContextMenu(
    Menu.buildFromTemplate([
      { label: 'Open MixMint', click: show },
      { label: 'Downloads', click: () => goTo('/downloads') },
      { label: 'Library', click: () => goTo('/library') },
      { type: 'separator' },
      { label: 'Quit MixMint', click: quit },
    ]),
  )
  tray.on('click', show)
  return tray
}

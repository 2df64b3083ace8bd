import { toIcns, toIco, toPng } from './containers.ts'
import { appIcon, trayIcon } from './mark.ts'

/** The border that macOS leaves around an icon's tile. */
const MAC_MARGIN = 100 / 1024
const MAC_TYPES = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
] as const

/** Every icon of the app by its path below `build/`. */
export function drawIcons(): ReadonlyMap<string, Buffer> {
  const plain = (size: number): Buffer => toPng(appIcon(size))
  const linux = [16, 32, 48, 64, 128, 256, 512].map((size) => [`icons/${size}x${size}.png`, plain(size)] as const)
  return new Map([
    ...linux,
    ['icons/icon.png', plain(256)],
    ['icon.png', plain(512)],
    ['icon.ico', toIco([16, 24, 32, 48, 64, 128, 256].map((size) => ({ size, png: plain(size) })))],
    ['icon.icns', toIcns(MAC_TYPES.map(([type, size]) => ({ type, png: toPng(appIcon(size, MAC_MARGIN)) })))],
    ['icons/tray.png', toPng(trayIcon(22, false))],
    ['icons/tray@2x.png', toPng(trayIcon(44, false))],
    ['icons/trayTemplate.png', toPng(trayIcon(18, true))],
    ['icons/trayTemplate@2x.png', toPng(trayIcon(36, true))],
  ])
}

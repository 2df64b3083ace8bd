import path from 'node:path'

/** Why a file system would not take a name, or would not give it back as it is; null when it does. Written from each system's rules, not from the product. */
type Judge = (name: string) => string | null

/** Bytes of UTF-8 up to 255, anything but `/` and NUL (Linux, `fs/ext4/ext4.h`: EXT4_NAME_LEN). */
const onExt4: Judge = (name) => {
  if (name === '' || name === '.' || name === '..') return 'is no name'
  if (name.includes('/') || name.includes('\0')) return 'has a separator or NUL'
  return Buffer.byteLength(name) > 255 ? 'is longer than 255 bytes' : null
}

/** Win32 on NTFS (Microsoft, "Naming Files, Paths, and Namespaces"): 255 UTF-16 units, no reserved character or device, no dot or space at the end. */
const onNtfs: Judge = (name) => {
  if (name.length === 0 || name.length > 255) return 'has no length that fits'
  for (const character of name)
    if ('<>:"/\\|?*'.includes(character) || character < ' ') return 'has a reserved character'
  if (name.endsWith('.') || name.endsWith(' ')) return 'ends in a dot or space, which are dropped'
  const device = (name.split('.')[0] ?? '').replace(/ +$/, '').toUpperCase()
  const devices = ['CON', 'PRN', 'AUX', 'NUL', 'CONIN$', 'CONOUT$', 'CLOCK$']
  const ports = [...'0123456789¹²³'].flatMap((digit) => [`COM${digit}`, `LPT${digit}`])
  return [...devices, ...ports].includes(device) ? 'is a device' : null
}

/** APFS and the Finder: UTF-8 of assigned characters up to 255 bytes, no `/` and `:` (Apple File System Guide; `EILSEQ` for anything else). */
const onApfs: Judge = (name) => {
  if (!name.isWellFormed()) return 'is not Unicode'
  if (/\p{Cn}/u.test(name)) return 'has a character that is not assigned'
  if (name.includes('/') || name.includes(':') || name.includes('\0')) return 'has a separator or NUL'
  return Buffer.byteLength(name) > 255 ? 'is longer than 255 bytes' : null
}

/** What would mislead the person who reads it: controls, direction overrides, invisible marks at the ends, a leading dot. */
const toPeople: Judge = (name) => {
  if (/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(name)) return 'has a control or a direction mark'
  if (name !== name.trim()) return 'has space around it'
  return name.startsWith('.') ? 'is hidden' : null
}

const JUDGES = { ext4: onExt4, NTFS: onNtfs, APFS: onApfs, people: toPeople }

/** Every objection to a name in a folder, by who makes it; none when it is good everywhere. */
export function objections(folder: string, name: string): string[] {
  const found = Object.entries(JUDGES).flatMap(([who, judge]) => {
    const why = judge(name)
    return why === null ? [] : [`${who}: ${why}`]
  })
  const place = path.posix.resolve(folder, name)
  const isInside = path.posix.dirname(place) === path.posix.resolve(folder) && path.posix.basename(place) === name
  const onWindows = path.win32.resolve('C:\\Music', name)
  const isInsideThere = path.win32.dirname(onWindows) === 'C:\\Music' && path.win32.basename(onWindows) === name
  return [...found, ...(isInside && isInsideThere ? [] : ['leaves its folder'])]
}

/** Two names with the same mark are one file on a file system that ignores case and composition (NTFS, APFS). */
export function twinMark(name: string): string {
  return name.normalize('NFC').toLowerCase().normalize('NFC')
}

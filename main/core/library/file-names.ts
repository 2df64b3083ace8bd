/** Bytes of UTF-8 that a name may have on NTFS, APFS and ext4 alike. */
const LONGEST_NAME = 255
/** Left free in every name, so that a number still fits. */
const ROOM_FOR_NUMBER = 8

/** What a template may name; null where it is not known. */
export interface NameFields {
  readonly artist: string | null
  readonly title: string | null
  readonly album: string | null
  readonly bpm: number | null
  readonly key: string | null
}

/**
 * A file name without its extension from a template such as `{artist} - {title} [{bpm} {key}]`; brackets and dashes around what is not
 * known disappear. The answer still has to pass `safeFileName`.
 */
export function fillTemplate(template: string, fields: NameFields): string {
  const filled = template.replace(/\{(artist|title|album|bpm|key)\}/g, (_, name: keyof NameFields) => {
    const value = fields[name]
    if (value === null) return MISSING
    return replaceSeparators(typeof value === 'number' ? String(Math.round(value)) : value)
  })
  return withoutMissing(filled)
}

/** Stands for a value that is not known: a noncharacter, taken out of every value. */
const MISSING = '\uFFFF'

function withoutMissing(text: string): string {
  return text
    .replace(/[([{][\s\uFFFF,/-]*\uFFFF[\s\uFFFF,/-]*[)\]}]/g, ' ')
    .replace(/^\s*\uFFFF\s*[-–—_]\s*|\s*[-–—_]\s*\uFFFF\s*(?=$|[([{])/g, ' ')
    .replace(/\uFFFF\s*[-–—_]\s*/g, ' ')
    .replaceAll(MISSING, ' ')
    .replace(/\s+/g, ' ')
    .replace(/([([{])\s+/g, '$1')
    .replace(/\s+([)\]}])/g, '$1')
    .trim()
}

/**
 * The name `stem.extension`, safe on NTFS, APFS and ext4: one component, NFC, no reserved device name, no control, bidirectional or
 * invisible character, at most 247 bytes, cut between graphemes with the extension kept. Anything may come in; never empty.
 * Source: Microsoft, "Naming Files, Paths, and Namespaces".
 */
export function safeFileName(stem: string, extension: string): string {
  const ending = extension === '' ? '' : `.${extension.toLowerCase().replace(/[^a-z0-9]/g, '')}`
  const cleaned = tidy(replaceSeparators(stem))
  const cut = tidy(cutBytes(cleaned, LONGEST_NAME - ROOM_FOR_NUMBER - ending.length))
  const name = cut === '' ? 'Untitled' : cut
  return `${isReserved(name) ? `_${name}` : name}${ending}`
}

/** `name (2).ext` for 2 and so on; 1 is the name itself. */
export function numberedName(name: string, number: number): string {
  if (number === 1) return name
  const dot = name.lastIndexOf('.')
  const hasExtension = dot > 0 && name.length - dot <= 6
  const stem = hasExtension ? name.slice(0, dot) : name
  const ending = ` (${number})${hasExtension ? name.slice(dot) : ''}`
  return `${tidy(cutBytes(stem, LONGEST_NAME - Buffer.byteLength(ending)))}${ending}`
}

/** The name that `numberedName` made this one from. */
export function withoutNumber(name: string): string {
  return name.replace(/ \(\d+\)(?=\.[^.]*$|$)/, '')
}

/** Two names with one key may be the same file on some file system: case, composition and invisible characters do not count. */
export function nameKey(name: string): string {
  // The rest does nothing more to these, and takes ten times as long.
  if (PLAIN.test(name)) return name.toLowerCase()
  return (
    name
      .toWellFormed()
      .normalize('NFD')
      .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
      // First to small letters: the capital ẞ has no other way to the SS that ß becomes.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .normalize('NFC')
  )
}

const PLAIN = /^[\x20-\x7e]*$/

/** Names that are tried one after the other before larger steps are taken. */
const TRIED_IN_ORDER = 16

/**
 * The first of `name`, `name (2)`, … whose key is not in `taken`; among many, one behind a taken one, found in steps that double and halve,
 * so that thousands of files of one name cost no look at each other.
 */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  const isTaken = (number: number) => taken.has(nameKey(numberedName(name, number)))
  for (let number = 1; number <= TRIED_IN_ORDER; number++) if (!isTaken(number)) return numberedName(name, number)
  let last = TRIED_IN_ORDER
  let free = 2 * last
  for (; isTaken(free); free *= 2) last = free
  while (free - last > 1) {
    const middle = Math.floor((last + free) / 2)
    if (isTaken(middle)) last = middle
    else free = middle
  }
  return numberedName(name, free)
}

const SEPARATORS: Readonly<Record<string, string>> = { '<': '(', '>': ')', '"': "'", '*': '', '?': '' }

function replaceSeparators(text: string): string {
  return text
    .replaceAll(MISSING, '')
    .replace(/[/\\|:]/g, '-')
    .replace(/[<>"*?]/g, (character) => SEPARATORS[character] ?? '')
}

function tidy(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(/\s+/g, ' ')
      // Characters that are not assigned (noncharacters are) make a name that APFS refuses.
      .replace(/[\p{Cc}\p{Cn}\uFFFD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u00AD]/gu, '')
      // What stood between a letter and its accent, or between two spaces, is gone only now.
      .normalize('NFC')
      .replace(/ {2,}/g, ' ')
      .replace(/^[\s.]+|[\s.]+$/g, '')
  )
}

function cutBytes(text: string, longest: number): string {
  if (Buffer.byteLength(text) <= longest) return text
  let cut = ''
  let bytes = 0
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)) {
    bytes += Buffer.byteLength(segment)
    if (bytes > longest) break
    cut += segment
  }
  return cut
}

/** Device names of Windows, which it sees in front of the first dot whatever follows. */
function isReserved(name: string): boolean {
  const device = (name.split('.')[0] ?? '').trimEnd()
  return /^(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9¹²³])$/i.test(device)
}

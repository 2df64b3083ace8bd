const LONGEST_BYTES = 180

/** A file name of artist and title that every common file system takes, with its ending; `place` numbers it within a pack. */
export function downloadName(
  { artist, title }: { readonly artist: string; readonly title: string },
  ending: string,
  place?: number,
): string {
  const number = place === undefined ? '' : `${String(place).padStart(2, '0')} `
  return `${shortened(`${number}${safe(artist)} - ${safe(title)}`)}.${ending}`
}

/** Without signs that a file system or a shell gives a meaning to. */
function safe(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}<>:"/\\|?*]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** Cut between characters so that it fits, as UTF-8, into the name limit of every file system. */
function shortened(name: string): string {
  let kept = ''
  for (const { segment } of new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(name)) {
    if (Buffer.byteLength(kept + segment) > LONGEST_BYTES) break
    kept += segment
  }
  return kept.replace(/[. ]+$/, '')
}

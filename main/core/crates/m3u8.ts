/** One line of a playlist. */
export interface PlaylistEntry {
  /** Relative to the playlist, with `/`. */
  readonly name: string
  readonly artist: string
  readonly title: string
  readonly durationSeconds: number | null
}

/** An extended M3U8: UTF-8 without a mark, LF, relative paths that are not percent-encoded. */
export function toM3u8(entries: readonly PlaylistEntry[]): string {
  const lines = entries.flatMap(({ name, artist, title, durationSeconds }) => [
    `#EXTINF:${durationSeconds ?? -1},${oneLine([artist, title].filter((word) => word !== '').join(' - '))}`,
    // A line that begins with # is a comment.
    name.startsWith('#') ? `./${name}` : name,
  ])
  return `${['#EXTM3U', ...lines].join('\n')}\n`
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

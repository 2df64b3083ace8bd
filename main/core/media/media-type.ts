/** The media type of public media: by kind, and for pictures by their first bytes (12 are enough); a name or a header is not asked. */
export function mediaType(kind: string, head: Buffer): string {
  if (kind === 'preview') return 'audio/mpeg'
  if (kind === 'peaks') return 'application/octet-stream'
  const start = head.toString('latin1', 0, 12)
  if (start.startsWith('\x89PNG')) return 'image/png'
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (start.startsWith('RIFF') && start.endsWith('WEBP')) return 'image/webp'
  return 'application/octet-stream'
}

/**
 * The policy of the app's own document: nothing from elsewhere, no inline script, style elements by `nonce` only, Trusted Types for sinks.
 * `mediaSource` is where sounds and pictures come from when that is not the document's own origin.
 */
export function contentSecurityPolicy(nonce: string, mediaSource?: string): string {
  const media = mediaSource === undefined ? '' : ` ${mediaSource}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    `img-src 'self' data: blob:${media}`,
    `media-src 'self' blob:${media}`,
    "font-src 'self'",
    `connect-src 'self'${media}`,
    "manifest-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ')
}

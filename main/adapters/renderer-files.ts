import { readFile } from 'node:fs/promises'
import path from 'node:path'

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.txt': 'text/plain; charset=utf-8',
}

export interface RendererFile {
  readonly body: Buffer
  readonly mediaType: string
  readonly isDocument: boolean
}

/**
 * The file of the built renderer that a request path (still percent-encoded) names, with `__CSP_NONCE__` replaced in documents; null for
 * whatever is not a plain path to a file inside `folder` of a known type.
 */
export async function rendererFile(folder: string, requestPath: string, nonce: string): Promise<RendererFile | null> {
  const relative = safeRelativePath(requestPath)
  if (relative === null) return null
  const mediaType = MEDIA_TYPES[path.extname(relative)]
  if (mediaType === undefined) return null
  const body = await readFile(path.join(folder, relative)).catch(() => null)
  if (body === null) return null
  const isDocument = relative.endsWith('.html')
  return {
    body: isDocument ? Buffer.from(body.toString('utf8').replaceAll('__CSP_NONCE__', nonce)) : body,
    mediaType,
    isDocument,
  }
}

/** `/` is the document. Parts of letters, digits, `.`, `_`, `-` only, none hidden: what could climb, hide or encode is refused, not cleaned. */
export function safeRelativePath(requestPath: string): string | null {
  if (requestPath === '/') return 'index.html'
  const parts = requestPath.split('/').slice(1)
  const arePlain = requestPath.startsWith('/') && parts.every((part) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(part))
  return arePlain ? parts.join('/') : null
}

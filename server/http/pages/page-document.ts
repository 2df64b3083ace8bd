import { Html, type HtmlPart, html, jsonData } from './html.ts'
import { PAGE_STYLE } from './page-style.ts'

export interface PageHead {
  readonly title: string
  readonly description: string
  /** The page's own address, and that of a picture of it; both absolute. */
  readonly url: string
  readonly image: string | null
  /** OpenGraph beside title, description, url and image: property and content. */
  readonly openGraph: readonly (readonly [property: string, content: string])[]
  /** schema.org data, or null. */
  readonly data: object | null
  readonly isIndexed?: boolean
}

const BARS = [6, 14, 22, 12, 4]
const MARK = BARS.map(
  (height, index) => `<rect x="${1 + index * 4.75}" y="${12 - height / 2}" width="3" height="${height}" rx="1.5"/>`,
).join('')
const LOGO = new Html(`<svg viewBox="0 0 24 24" aria-hidden="true">${MARK}</svg>`)

/** The mark as a picture of its own, for the browser's tab. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#1fae74">${MARK}</svg>`

/** A whole public page in the look of the product. */
export function pageDocument(head: PageHead, content: HtmlPart): string {
  const { title, description, url, image, openGraph, data, isIndexed = true } = head
  const properties = [
    ['og:site_name', 'MixMint'],
    ['og:title', title],
    ['og:description', description],
    ['og:url', url],
    ...(image === null ? [] : [['og:image', image] as const]),
    ...openGraph,
  ] as const
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · MixMint</title>
<meta name="description" content="${description}">
${isIndexed ? html`<link rel="canonical" href="${url}">` : html`<meta name="robots" content="noindex">`}
${properties.map(([property, content]) => html`<meta property="${property}" content="${content}">\n`)}<meta name="twitter:card" content="${image === null ? 'summary' : 'summary_large_image'}">
<link rel="icon" type="image/svg+xml" href="/icon.svg">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#0b0f0e">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#fbfcfb">
<style>${new Html(PAGE_STYLE)}</style>
${data === null ? null : html`<script type="application/ld+json">${jsonData(data)}</script>`}
</head>
<body>
<header><a class="logo" href="/">${LOGO}MixMint</a><nav><a href="mixmint://search">Open the app</a></nav></header>
<main>${content}</main>
<footer><span>MixMint: music from DJs, yours to keep.</span><a href="/api/docs">For developers</a></footer>
</body>
</html>
`.text
}

import type { TrackSummary } from '../../../contract/catalogue.ts'
import { html } from './html.ts'
import { pageDocument } from './page-document.ts'
import { coverGrid } from './track-list.ts'

/** The front page: what MixMint is, and the newest tracks. */
export function landingPage(newest: readonly TrackSummary[], origin: string): string {
  return pageDocument(
    {
      title: 'Music from DJs, yours to keep',
      description:
        'Buy tracks from the DJs who made them. Downloads that resume, files that are checked, crates that sync.',
      url: `${origin}/`,
      image: newest[0]?.cover == null ? null : `${origin}/media/${newest[0].cover}`,
      openGraph: [['og:type', 'website']],
      data: { '@context': 'https://schema.org', '@type': 'WebSite', name: 'MixMint', url: `${origin}/` },
    },
    html`<section class="front"><h1>Music from DJs, yours to keep.</h1>
<p class="lead">Buy tracks from the people who made them. Downloads go on where they stopped, every file is checked on arrival, and your crates sync to the drive you play from.</p>
<div class="buy"><a class="button" href="mixmint://search">Open MixMint</a></div></section>
${newest.length === 0 ? null : html`<h2>New in the store</h2>${coverGrid(newest)}`}`,
  )
}

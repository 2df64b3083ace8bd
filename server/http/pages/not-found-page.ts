import { html } from './html.ts'
import { pageDocument } from './page-document.ts'

/** What a page says that is not there, or not for the public. It does not repeat what was asked for. */
export function notFoundPage(origin: string): string {
  return pageDocument(
    {
      title: 'Not here',
      description: 'There is nothing at this address.',
      url: `${origin}/`,
      image: null,
      openGraph: [],
      data: null,
      isIndexed: false,
    },
    html`<section class="alone"><h1>There is nothing here.</h1>
<p class="lead">The track or DJ may have left the store, or the address may have been cut. What you bought is still in your library.</p>
<div class="buy"><a class="button" href="/">See what is new</a></div></section>`,
  )
}

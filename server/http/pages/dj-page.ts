import type { DjDetail } from '../../../contract/catalogue.ts'
import { type Html, html } from './html.ts'
import { pageDocument } from './page-document.ts'
import { excerpt, lengthText, moneyText } from './text-of.ts'
import { picture, trackRows } from './track-list.ts'

/** The public page of a DJ. */
export function djPage(dj: DjDetail, origin: string): string {
  const url = `${origin}/dj/${dj.slug}`
  const image = dj.portrait === null ? null : `${origin}/media/${dj.portrait}`
  const count = dj.trackCount === 1 ? '1 track' : `${dj.trackCount} tracks`
  const description = excerpt(dj.bio ?? `${count} by ${dj.name} on MixMint.`, 200)
  return pageDocument(
    {
      title: dj.name,
      ...{ description, url, image },
      openGraph: [['og:type', 'profile']],
      data: {
        '@context': 'https://schema.org',
        '@type': 'MusicGroup',
        name: dj.name,
        url,
        description,
        ...(image === null ? {} : { image }),
      },
    },
    html`<article><div class="hero">${picture(dj.portrait, `Portrait of ${dj.name}`, 'round')}<div>
<h1>${dj.name}</h1>
<p class="by">${count}${dj.packs.length === 0 ? null : html` · ${dj.packs.length} ${dj.packs.length === 1 ? 'pack' : 'packs'}`}</p>
<div class="buy"><a class="button" href="mixmint://dj/${dj.slug}">Open in MixMint</a></div></div></div>
${dj.bio === null ? null : html`<p class="story">${dj.bio}</p>`}
${dj.tracks.length === 0 ? null : html`<h2>Tracks</h2>${trackRows(dj.tracks)}`}
${packs(dj)}${plans(dj)}</article>`,
  )
}

function packs({ packs }: DjDetail): Html | null {
  if (packs.length === 0) return null
  return html`<h2>Packs</h2><ul class="grid">${packs.map(
    (pack) =>
      html`<li><a href="mixmint://pack/${pack.id}">${picture(pack.cover, '')}<span class="name">${pack.title}</span><span class="sub">${pack.trackCount} tracks · ${lengthText(pack.durationSeconds)} · ${moneyText(pack.price)}</span></a></li>`,
  )}</ul>`
}

function plans({ plans, name }: DjDetail): Html | null {
  if (plans.length === 0) return null
  return html`<h2>Plans with ${name}</h2><ul class="plans">${plans.map(
    ({ plan, price, periodDays, tracksQuota, zipQuota, fanUploadsQuota }) =>
      html`<li><b>${plan}</b><span class="price">${moneyText(price)}</span><span>for ${periodDays} days</span><span>${tracksQuota} tracks, ${zipQuota} ${zipQuota === 1 ? 'pack' : 'packs'}${fanUploadsQuota === 0 ? null : `, ${fanUploadsQuota} fan ${fanUploadsQuota === 1 ? 'upload' : 'uploads'}`}</span>${plan === 'super' ? html`<span>and what is for members only</span>` : null}</li>`,
  )}</ul>`
}

import type { TrackDetail } from '../../../contract/catalogue.ts'
import { type Html, html } from './html.ts'
import { pageDocument } from './page-document.ts'
import { excerpt, isoDuration, lengthText, moneyText, plainAmount } from './text-of.ts'
import { coverGrid, picture } from './track-list.ts'
import { waveform } from './waveform.ts'

const LONG_TITLE = 60
const MORE = 6

/** The public page of a track. `peaks` draws its waveform; null leaves it out. */
export function trackPage(track: TrackDetail, origin: string, peaks: Uint8Array | null): string {
  const url = `${origin}/track/${track.id}`
  const image = track.cover === null ? null : `${origin}/media/${track.cover}`
  const description = describe(track)
  const { durationSeconds: seconds } = track
  return pageDocument(
    {
      title: `${track.title} by ${track.artist}`,
      ...{ description, url, image },
      openGraph: [
        ['og:type', 'music.song'],
        ['og:price:amount', plainAmount(track.price)],
        ['og:price:currency', track.price.currency],
        ...(seconds === null ? [] : [['music:duration', String(seconds)] as const]),
        ...(track.preview === null ? [] : [['og:audio', `${origin}/media/${track.preview}`] as const]),
      ],
      data: structuredData(track, { url, image, origin, description }),
    },
    html`<article><div class="hero">${picture(track.cover, `Cover of ${track.title}`)}<div>
<h1${track.title.length > LONG_TITLE ? html` class="long"` : null}>${track.title}</h1>
<p class="by">by <a href="/dj/${track.dj.slug}">${track.artist}</a></p>
${facts(track)}
<div class="buy">${track.isFanOnly ? null : html`<span class="price">${moneyText(track.price)}</span>`}<a class="button" href="mixmint://track/${track.id}">Open in MixMint</a></div>
<p class="hint">${
      track.isFanOnly
        ? `For members of ${track.dj.name}'s Super plan. Join in the app.`
        : 'Pay once in the app; the file is checked on arrival and yours to keep.'
    }</p></div></div>
${listen(track, peaks)}
${track.description === null ? null : html`<p class="story">${track.description}</p>`}
${
  track.moreByDj.length === 0
    ? null
    : html`<h2>More by ${track.dj.name}</h2>${coverGrid(track.moreByDj.slice(0, MORE))}`
}</article>`,
  )
}

function facts({ genre, bpm, key, durationSeconds, format, isFanOnly }: TrackDetail): Html {
  const items = [
    isFanOnly ? html`<li class="members">Members only</li>` : null,
    genre === null ? null : html`<li>${genre.name}</li>`,
    bpm === null ? null : html`<li><b>${bpm}</b> BPM</li>`,
    key === null ? null : html`<li>Key <b>${key}</b></li>`,
    durationSeconds === null ? null : html`<li><b>${lengthText(durationSeconds)}</b></li>`,
    format === null ? null : html`<li>${format.toUpperCase()}</li>`,
  ]
  return html`<ul class="facts">${items}</ul>`
}

function listen({ preview, durationSeconds }: TrackDetail, peaks: Uint8Array | null): Html | null {
  if (preview === null && peaks === null) return null
  const length = durationSeconds === null ? null : html`<p>30 seconds of ${lengthText(durationSeconds)}.</p>`
  return html`<section class="listen" aria-label="Preview">${peaks === null ? null : waveform(peaks)}${
    preview === null ? null : html`<audio controls preload="none" src="/media/${preview}"></audio>${length}`
  }</section>`
}

function describe({ title, artist, description, genre, bpm, key, price, isFanOnly }: TrackDetail): string {
  const sound = [genre?.name, bpm === null ? null : `${bpm} BPM`, key].filter((fact) => fact != null).join(', ')
  const offer = isFanOnly ? 'For members.' : `${moneyText(price)}.`
  return excerpt(`${title} by ${artist}${sound === '' ? '' : ` (${sound})`}. ${offer} ${description ?? ''}`, 200)
}

function structuredData(
  { title, artist, dj, durationSeconds, genre, price, isFanOnly, preview }: TrackDetail,
  page: { url: string; image: string | null; origin: string; description: string },
): object {
  return {
    '@context': 'https://schema.org',
    '@type': 'MusicRecording',
    name: title,
    url: page.url,
    description: page.description,
    byArtist: { '@type': 'MusicGroup', name: artist, url: `${page.origin}/dj/${dj.slug}` },
    ...(page.image === null ? {} : { image: page.image }),
    ...(durationSeconds === null ? {} : { duration: isoDuration(durationSeconds) }),
    ...(genre === null ? {} : { genre: genre.name }),
    ...(preview === null ? {} : { audio: { '@type': 'AudioObject', contentUrl: `${page.origin}/media/${preview}` } }),
    ...(isFanOnly
      ? {}
      : { offers: { '@type': 'Offer', price: plainAmount(price), priceCurrency: price.currency, url: page.url } }),
  }
}

import type { TrackSummary } from '../../../contract/catalogue.ts'
import { type Html, html } from './html.ts'
import { lengthText, moneyText } from './text-of.ts'

/** A picture by its media reference, or an empty square of the same shape. */
export function picture(mediaRef: string | null, alt: string, shape: 'square' | 'round' = 'square'): Html {
  const names = shape === 'round' ? 'cover round' : 'cover'
  return mediaRef === null
    ? html`<span class="${names}" role="img" aria-label="${alt}"></span>`
    : html`<img class="${names}" src="/media/${mediaRef}" alt="${alt}" width="600" height="600" loading="lazy">`
}

/** Tracks as covers with a name. */
export function coverGrid(tracks: readonly TrackSummary[]): Html {
  return html`<ul class="grid">${tracks.map(
    (track) =>
      html`<li><a href="/track/${track.id}">${picture(track.cover, '')}<span class="name">${track.title}</span><span class="sub">${track.artist}</span></a></li>`,
  )}</ul>`
}

/** Tracks as lines with tempo, key, length and price. */
export function trackRows(tracks: readonly TrackSummary[]): Html {
  return html`<ol class="rows">${tracks.map((track) => {
    const facts = [
      track.bpm === null ? null : `${track.bpm} BPM`,
      track.key,
      track.durationSeconds === null ? null : lengthText(track.durationSeconds),
    ].filter((fact) => fact !== null)
    return html`<li>${picture(track.cover, '')}<a href="/track/${track.id}"><span class="name">${track.title}</span><span class="sub">${track.artist}</span></a><span class="sub facts-cell">${facts.join(' · ')}</span><span class="amount">${track.isFanOnly ? 'Members' : moneyText(track.price)}</span></li>`
  })}</ol>`
}

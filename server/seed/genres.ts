/** The genres of the demo catalogue, their names, and the band of tempos that DJs expect of each (beats per minute, both ends included). */
export const GENRES = {
  house: { name: 'House', slowest: 122, fastest: 128 },
  'dub-techno': { name: 'Dub Techno', slowest: 118, fastest: 125 },
  amapiano: { name: 'Amapiano', slowest: 112, fastest: 115 },
  techno: { name: 'Techno', slowest: 130, fastest: 140 },
  disco: { name: 'Disco', slowest: 116, fastest: 120 },
  'drum-and-bass': { name: 'Drum & Bass', slowest: 172, fastest: 176 },
  'uk-garage': { name: 'UK Garage', slowest: 130, fastest: 135 },
  'hip-hop': { name: 'Hip-Hop', slowest: 86, fastest: 98 },
} as const

export type GenreSlug = keyof typeof GENRES

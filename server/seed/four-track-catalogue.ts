import { assembleCatalogue, type Catalogue } from './catalogue.ts'
import type { DemoArtist } from './catalogue-types.ts'

const priya: DemoArtist = {
  slug: 'priya-kapoor',
  djName: 'Priya Kapoor',
  coverFamily: 'rings',
  bio: 'House, briefly.',
  tracks: [
    {
      slug: 'short-house',
      title: 'Short House',
      genre: 'house',
      bpm: 124,
      key: '8A',
      seconds: 12,
      format: 'mp3',
      priceMinor: 4900,
      description: 'Twelve seconds of house.',
    },
    {
      slug: 'short-disco',
      title: 'Schön & Kurz',
      genre: 'disco',
      bpm: 118,
      key: '9B',
      seconds: 8,
      format: 'flac',
      alsoIn: ['wav', 'mp3'],
      priceMinor: 2900,
      description: 'Eight seconds of disco.',
    },
  ],
  packs: [
    {
      slug: 'two-short-ones',
      title: 'Two Short Ones',
      description: 'Both, in one archive.',
      priceMinor: 7900,
      tracks: ['short-house', 'short-disco'],
    },
  ],
  fanUploads: [
    {
      slug: 'short-thanks',
      title: 'Short Thanks',
      genre: 'hip-hop',
      bpm: 90,
      key: '6A',
      seconds: 6,
      format: 'mp3',
      priceMinor: 0,
      description: 'Six seconds for friends.',
    },
  ],
}

const tomas: DemoArtist = {
  slug: 'tomas-lind',
  djName: 'Tomás Lind',
  coverFamily: 'bars',
  bio: 'Techno, briefly.',
  tracks: [
    {
      slug: 'short-techno',
      title: 'Short Techno',
      genre: 'techno',
      bpm: 134,
      key: '2A',
      seconds: 75,
      format: 'wav',
      priceMinor: 5900,
      description: 'Seventy-five seconds of techno, in a file of several segments.',
    },
    {
      slug: 'short-members-only',
      title: 'Short, Members Only',
      genre: 'drum-and-bass',
      bpm: 174,
      key: '4A',
      seconds: 6,
      format: 'aiff',
      priceMinor: 2900,
      isFanOnly: true,
      description: 'Six seconds for members.',
    },
  ],
  packs: [],
  fanUploads: [],
}

/** A catalogue that is made in seconds, for tests: two DJs, a track in each format (the AIFF for members only), one of them in three, a pack of two, a fan upload. */
export function fourTrackCatalogue(): Catalogue {
  return assembleCatalogue([priya, tomas])
}

/** What plays in a bar. */
export interface Bar {
  readonly kick: boolean
  readonly hats: boolean
  readonly back: boolean
  readonly percussion: boolean
  readonly bass: boolean
  readonly chords: boolean
  readonly pad: boolean
  readonly lead: boolean
  /** How far the filters are open, about 0.4 to 1.3. */
  readonly brightness: number
  /** The first bar of a section. */
  readonly opens: boolean
  /** The last bar of a section. */
  readonly closes: boolean
}

type Layer = Exclude<keyof Bar, 'brightness' | 'opens' | 'closes'>

interface Section {
  /** Share of the track at which it starts. */
  readonly from: number
  readonly layers: readonly Layer[]
  readonly brightness: readonly [number, number]
}

const SECTIONS: readonly Section[] = [
  { from: 0, layers: ['kick', 'hats', 'percussion'], brightness: [0.5, 0.6] },
  { from: 0.12, layers: ['kick', 'hats', 'back', 'percussion', 'bass'], brightness: [0.5, 0.8] },
  { from: 0.25, layers: ['kick', 'hats', 'back', 'percussion', 'bass', 'chords'], brightness: [0.6, 1] },
  { from: 0.37, layers: ['kick', 'hats', 'back', 'percussion', 'bass', 'chords', 'lead'], brightness: [1, 1.1] },
  { from: 0.5, layers: ['chords', 'pad', 'lead'], brightness: [0.45, 1.2] },
  {
    from: 0.61,
    layers: ['kick', 'hats', 'back', 'percussion', 'bass', 'chords', 'pad', 'lead'],
    brightness: [1.1, 1.3],
  },
  { from: 0.87, layers: ['kick', 'hats', 'percussion', 'bass'], brightness: [0.8, 0.5] },
]

const SILENCE: Section = { from: 0, layers: [], brightness: [1, 1] }

/** A track of so many bars from intro to outro; sections begin where phrases do, so that two tracks can be mixed. */
export function arrange(bars: number): Bar[] {
  const phrase = bars >= 96 ? 8 : bars >= 24 ? 4 : bars >= 12 ? 2 : 1
  const starts = SECTIONS.map(({ from }) => Math.round((from * bars) / phrase) * phrase)
  return Array.from({ length: bars }, (_, bar) => {
    const index = starts.findLastIndex((start) => start <= bar)
    const { layers, brightness } = SECTIONS[index] ?? SILENCE
    const start = starts[index] ?? 0
    const end = starts[index + 1] ?? bars
    const progress = (bar - start) / Math.max(1, end - 1 - start)
    const has = (layer: Layer): boolean => layers.includes(layer)
    return {
      kick: has('kick'),
      hats: has('hats'),
      back: has('back'),
      percussion: has('percussion'),
      bass: has('bass'),
      chords: has('chords'),
      pad: has('pad'),
      lead: has('lead'),
      brightness: brightness[0] + (brightness[1] - brightness[0]) * progress,
      opens: bar === start,
      closes: bar === end - 1,
    }
  })
}

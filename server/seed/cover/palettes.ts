import type { Colour } from './canvas.ts'
import type { CoverFamily } from './cover-recipe.ts'

/** Five flat inks: what the picture stands on, what is written, and three that carry it. */
export interface Palette {
  readonly ground: Colour
  readonly ink: Colour
  readonly tones: readonly [Colour, Colour, Colour]
}

function palette(ground: Colour, ink: Colour, ...tones: [Colour, Colour, Colour]): Palette {
  return { ground, ink, tones }
}

/** Three palettes per family: one voice, different light. */
export const PALETTES: Readonly<Record<CoverFamily, readonly [Palette, Palette, Palette]>> = {
  rings: [
    palette('#0f3d3e', '#f6ead7', '#ff6f4e', '#f4b740', '#7cc4b8'),
    palette('#f3e6d0', '#17323a', '#e4572e', '#1f7a78', '#f2a541'),
    palette('#2d1b3f', '#f9e8cf', '#f25c54', '#f7b267', '#8a6fb0'),
  ],
  contours: [
    palette('#0c1824', '#e6edf0', '#2b4a63', '#5b86a3', '#e8734a'),
    palette('#e9ecea', '#14242e', '#b9c8cb', '#7f9ca6', '#d9482b'),
    palette('#17202a', '#f0ede4', '#3a4a52', '#7d8f8a', '#f0c24b'),
  ],
  tiles: [
    palette('#f5e9dc', '#2a1a3e', '#6b3fa0', '#f26b3a', '#f6b93b'),
    palette('#33184f', '#fbeedd', '#e85d9b', '#f9a03f', '#7d5bd0'),
    palette('#f2e4d0', '#1d3b2f', '#2f7d5b', '#e2543e', '#f0b83c'),
  ],
  bars: [
    palette('#ececea', '#141414', '#141414', '#e5261f', '#8f9394'),
    palette('#161718', '#f1f1ee', '#f1f1ee', '#ff4b1f', '#55595c'),
    palette('#e5261f', '#fff6ee', '#141414', '#fff6ee', '#b3170f'),
  ],
  suns: [
    palette('#103a5c', '#fdeed6', '#ff7a4d', '#ffc24b', '#2f87a6'),
    palette('#fbe3c0', '#5a1e3d', '#ef476f', '#ff9f1c', '#3d8ea3'),
    palette('#481d4f', '#ffe9cf', '#ff5d73', '#ffb347', '#7a3b8f'),
  ],
  halftone: [
    palette('#fff3dc', '#20242c', '#f26a1b', '#20242c', '#1aa6a6'),
    palette('#1b1e27', '#fdf1da', '#f7a11a', '#fdf1da', '#e0432f'),
    palette('#f7a11a', '#1b1e27', '#1b1e27', '#fff3dc', '#d4411e'),
  ],
  letters: [
    palette('#d8d4ff', '#191536', '#191536', '#ff5a3c', '#8f86f0'),
    palette('#1b1a2e', '#f3efff', '#bfff5a', '#f3efff', '#5d56c8'),
    palette('#ffd9cf', '#2a1220', '#c2185b', '#2a1220', '#ff8a65'),
  ],
  cutouts: [
    palette('#f4ead7', '#22303c', '#c8553d', '#2f6690', '#e5b25d'),
    palette('#28536b', '#f6f0e3', '#81b29a', '#e07a5f', '#f2cc8f'),
    palette('#e6b455', '#2b2118', '#7f2f2a', '#fbf3e2', '#2f6b5f'),
  ],
}

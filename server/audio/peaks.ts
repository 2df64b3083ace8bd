import type { Pcm } from './pcm.ts'

/** How many pairs a drawn waveform has. */
const PEAK_COUNT = 1800

/**
 * The waveform of a track as 1800 pairs of signed bytes, lowest then highest sample of each stretch (3,600 bytes;
 * 127 is full scale), both channels mixed.
 */
export function peaksOf(pcm: Pcm): Uint8Array {
  const { left, right } = pcm
  const peaks = new Int8Array(PEAK_COUNT * 2)
  for (let index = 0; index < PEAK_COUNT; index++) {
    const start = Math.floor((index * left.length) / PEAK_COUNT)
    const end = Math.floor(((index + 1) * left.length) / PEAK_COUNT)
    let lowest = 0
    let highest = 0
    for (let at = start; at < end; at++) {
      const sample = ((left[at] ?? 0) + (right[at] ?? 0)) / 2
      if (sample < lowest) lowest = sample
      if (sample > highest) highest = sample
    }
    peaks[2 * index] = Math.max(-127, Math.round(lowest * 127))
    peaks[2 * index + 1] = Math.min(127, Math.round(highest * 127))
  }
  return new Uint8Array(peaks.buffer)
}

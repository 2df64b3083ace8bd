import { encodeMp3 } from './encode-mp3.ts'
import type { Pcm } from './pcm.ts'

const PREVIEW_SECONDS = 30
const FADE_SECONDS = 1
const PREVIEW_BITRATE = 96

/** The half minute a listener may hear before buying, as a 96 kbps MP3: the loudest stretch, faded in and out. */
export function makePreview(pcm: Pcm): Promise<Uint8Array> {
  return encodeMp3(cutPreview(pcm), PREVIEW_BITRATE)
}

/** The loudest 30 s of a track (all of a shorter one), with fades of one second, as sound. */
export function cutPreview(pcm: Pcm): Pcm {
  const start = loudestStart(pcm) * pcm.sampleRate
  const end = start + PREVIEW_SECONDS * pcm.sampleRate
  const left = pcm.left.slice(start, end)
  const right = pcm.right.slice(start, end)
  fade(left, pcm.sampleRate)
  fade(right, pcm.sampleRate)
  return { sampleRate: pcm.sampleRate, left, right }
}

/** The whole second at which the loudest stretch starts; the first of equals. */
function loudestStart(pcm: Pcm): number {
  const energies = energyBySecond(pcm)
  let sum = energies.slice(0, PREVIEW_SECONDS).reduce((total, energy) => total + energy, 0)
  let best = { start: 0, sum }
  for (let start = 1; start + PREVIEW_SECONDS <= energies.length; start++) {
    sum += (energies[start + PREVIEW_SECONDS - 1] ?? 0) - (energies[start - 1] ?? 0)
    if (sum > best.sum * 1.0001) best = { start, sum }
  }
  return best.start
}

function energyBySecond({ left, right, sampleRate }: Pcm): number[] {
  const seconds = Math.floor(left.length / sampleRate)
  return Array.from({ length: seconds }, (_, second) => {
    let energy = 0
    for (let at = second * sampleRate; at < (second + 1) * sampleRate; at++) {
      energy += (left[at] ?? 0) ** 2 + (right[at] ?? 0) ** 2
    }
    return energy
  })
}

function fade(samples: Float32Array, sampleRate: number): void {
  const length = Math.min(FADE_SECONDS * sampleRate, Math.floor(samples.length / 2))
  for (let index = 0; index < length; index++) {
    const gain = index / length
    const last = samples.length - 1 - index
    samples[index] = (samples[index] ?? 0) * gain
    samples[last] = (samples[last] ?? 0) * gain
  }
}

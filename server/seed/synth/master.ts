import type { Pcm } from '../../audio/pcm.ts'
import { integratedLoudness } from './loudness.ts'

const TARGET_LUFS = -11
const KNEE = 0.55
const CEILING = 0.94
const FADE_SECONDS = 0.35

/** Brings a mix to the loudness of all others, rounds off what would be too loud, and lets it end in silence; changes the samples in place. */
export function master(pcm: Pcm): Pcm {
  // Rounding off takes some loudness away: a second, smaller step makes up for it.
  for (let pass = 0; pass < 2; pass++) {
    const loudness = integratedLoudness(pcm)
    if (!Number.isFinite(loudness)) return pcm
    const gain = 10 ** ((TARGET_LUFS - loudness) / 20)
    amplify(pcm.left, gain)
    amplify(pcm.right, gain)
  }
  fadeOut(pcm.left, pcm.sampleRate)
  fadeOut(pcm.right, pcm.sampleRate)
  return pcm
}

function amplify(samples: Float32Array, gain: number): void {
  const room = CEILING - KNEE
  for (let index = 0; index < samples.length; index++) {
    const sample = (samples[index] ?? 0) * gain
    const over = Math.abs(sample) - KNEE
    samples[index] = over <= 0 ? sample : Math.sign(sample) * (KNEE + room * Math.tanh(over / room))
  }
}

function fadeOut(samples: Float32Array, sampleRate: number): void {
  const length = Math.min(samples.length, Math.round(FADE_SECONDS * sampleRate))
  for (let index = 0; index < length; index++) {
    const at = samples.length - 1 - index
    samples[at] = (samples[at] ?? 0) * (index / length)
  }
}

import type { Pcm } from '../../audio/pcm.ts'

/** ITU-R BS.1770-5 Annex 1: both filters of the K weighting, for 44,100 samples per second: b0 b1 b2 a1 a2. */
const SHELF = [1.530841230049836, -2.650979995154729, 1.169079079921586, -1.663655113256019, 0.712595428073225] as const
const HIGH_PASS = [1, -2, 1, -1.989169673629797, 0.989199035787038] as const

/** Integrated loudness in LUFS, with both gates; minus infinity for silence. */
export function integratedLoudness(pcm: Pcm): number {
  const step = Math.round(pcm.sampleRate / 10)
  const left = weightedEnergies(pcm.left, step)
  const right = weightedEnergies(pcm.right, step)
  const tenths = left.map((energy, index) => (energy + (right[index] ?? 0)) / step)
  const blocks = tenths
    .slice(3)
    .map((energy, index) => (energy + (tenths[index] ?? 0) + (tenths[index + 1] ?? 0) + (tenths[index + 2] ?? 0)) / 4)
  const audible = blocks.filter((energy) => toLufs(energy) > -70)
  const gate = toLufs(mean(audible)) - 10
  return toLufs(mean(audible.filter((energy) => toLufs(energy) > gate)))
}

function toLufs(energy: number): number {
  return -0.691 + 10 * Math.log10(energy)
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((total, value) => total + value, 0) / values.length
}

/** The energy of each tenth of a second after weighting. */
function weightedEnergies(samples: Float32Array, step: number): number[] {
  const [sb0, sb1, sb2, sa1, sa2] = SHELF
  const [hb0, hb1, hb2, ha1, ha2] = HIGH_PASS
  const energies: number[] = []
  let s1 = 0
  let s2 = 0
  let h1 = 0
  let h2 = 0
  for (let end = step; end <= samples.length; end += step) {
    let energy = 0
    for (let index = end - step; index < end; index++) {
      const input = samples[index] ?? 0
      const shelf = sb0 * input + s1
      s1 = sb1 * input - sa1 * shelf + s2
      s2 = sb2 * input - sa2 * shelf
      const output = hb0 * shelf + h1
      h1 = hb1 * shelf - ha1 * output + h2
      h2 = hb2 * shelf - ha2 * output
      energy += output * output
    }
    energies.push(energy)
  }
  return energies
}

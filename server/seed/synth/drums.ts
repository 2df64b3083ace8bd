import { seededRandom } from '../random.ts'
import { mono, SAMPLE_RATE, type Sound } from './sound.ts'

const TURN = Math.PI * 2

/** How the drums of a genre are tuned. */
export interface Kit {
  /** Hertz at which the kick settles, and how fast it gets there (per second). */
  readonly kickPitch: number
  readonly kickDrop: number
  /** How fast the kick dies away (per second): larger is shorter. */
  readonly kickDecay: number
  /** 0 clean to 1 crushed. */
  readonly drive: number
  /** Hertz of the snare's body. */
  readonly snarePitch: number
}

export type DrumName = 'kick' | 'snare' | 'clap' | 'hat' | 'openHat' | 'shaker' | 'rim' | 'crash' | 'riser'

/** Every drum of a kit, each made once. */
export function makeDrums(kit: Kit, seed: string): Readonly<Record<DrumName, Sound>> {
  const random = seededRandom(`drums ${seed}`)
  const noise = (): number => random() * 2 - 1
  return {
    kick: mono(kick(kit, noise)),
    snare: mono(snare(kit, noise)),
    clap: wide(() => clap(noise)),
    hat: mono(metal(0.07, 62, 0.9, noise)),
    openHat: wide(() => metal(0.32, 11, 0.55, noise)),
    shaker: mono(shaker(noise)),
    rim: mono(rim(noise)),
    crash: wide(() => metal(1.8, 2.4, 0.5, noise)),
    riser: wide(() => riser(noise)),
  }
}

/** Two takes of the same drum, one per ear. */
function wide(take: () => Float32Array): Sound {
  return { left: take(), right: take() }
}

function shape(seconds: number, sampleAt: (time: number, index: number) => number): Float32Array {
  const samples = new Float32Array(Math.round(seconds * SAMPLE_RATE))
  const fade = 200
  for (let index = 0; index < samples.length; index++) {
    const end = Math.min(1, (samples.length - index) / fade)
    samples[index] = sampleAt(index / SAMPLE_RATE, index) * end
  }
  return samples
}

function kick(kit: Kit, noise: () => number): Float32Array {
  let phase = 0
  const drive = 1 + kit.drive * 5
  return shape(0.42, (time) => {
    phase += (TURN * (kit.kickPitch + 160 * Math.exp(-time * kit.kickDrop))) / SAMPLE_RATE
    const body = Math.sin(phase) * Math.exp(-time * kit.kickDecay) * Math.min(1, time * 900)
    const click = noise() * Math.exp(-time * 420) * 0.25
    return Math.tanh((body + click) * drive) / Math.tanh(drive)
  })
}

function snare(kit: Kit, noise: () => number): Float32Array {
  let low = 0
  return shape(0.24, (time) => {
    const white = noise()
    low += 0.55 * (white - low)
    const body = Math.sin(TURN * kit.snarePitch * time * (1 + 0.6 * Math.exp(-time * 60))) * Math.exp(-time * 26)
    return Math.tanh((body * 0.8 + (white - low * 0.5) * Math.exp(-time * 20) * 0.75) * 1.4)
  })
}

function clap(noise: () => number): Float32Array {
  let band = 0
  let low = 0
  const bursts = [0, 0.011, 0.022, 0.034]
  return shape(0.26, (time) => {
    const envelope = bursts.reduce((most, start) => {
      const since = time - start
      return since < 0 ? most : Math.max(most, Math.exp(-since * (start === 0.034 ? 19 : 190)))
    }, 0)
    band += 0.3 * (noise() - band)
    low += 0.06 * (band - low)
    return (band - low) * envelope * 2.1
  })
}

/** Six detuned squares and noise, the high end of both: hats and cymbals. */
function metal(seconds: number, decay: number, tone: number, noise: () => number): Float32Array {
  const partials = [2.0, 3.0, 4.16, 5.43, 6.79, 8.21].map((ratio) => ratio * 1040)
  let previous = 0
  let before = 0
  return shape(seconds, (time) => {
    let sum = 0
    for (const partial of partials) sum += (time * partial) % 1 < 0.5 ? 1 : -1
    const raw = (sum / 6) * tone + noise() * (1 - tone * 0.5)
    const high = raw - 2 * previous + before
    before = previous
    previous = raw
    return high * 0.28 * Math.exp(-time * decay)
  })
}

function shaker(noise: () => number): Float32Array {
  let previous = 0
  return shape(0.09, (time) => {
    const white = noise()
    const high = white - previous
    previous = white
    return high * 0.5 * Math.min(1, time * 70) * Math.exp(-time * 45)
  })
}

function rim(noise: () => number): Float32Array {
  return shape(0.06, (time) => {
    const tone = Math.sin(TURN * 1720 * time) + 0.7 * Math.sin(TURN * 2630 * time)
    return (tone * 0.5 + noise() * 0.3) * Math.exp(-time * 90)
  })
}

function riser(noise: () => number): Float32Array {
  let low = 0
  const seconds = 1.8
  return shape(seconds, (time) => {
    const progress = time / seconds
    low += (0.02 + 0.5 * progress * progress) * (noise() - low)
    return low * progress * progress * 0.9
  })
}

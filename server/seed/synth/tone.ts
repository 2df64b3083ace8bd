import { frequencyOf, SAMPLE_RATE, type Sound } from './sound.ts'

const TABLE_SIZE = 4096
/** One turn of a sine, and one sample more, so that the last can be interpolated. */
const SINE = Float64Array.from({ length: TABLE_SIZE + 1 }, (_, index) => Math.sin((index / TABLE_SIZE) * Math.PI * 2))

/** A playable sound: an oscillator, a filter that closes, an envelope. Times in seconds, cutoffs in hertz. */
export interface Timbre {
  readonly wave: 'saw' | 'square' | 'sine' | 'electric' | 'organ'
  /** How far two oscillators per note lie apart, in cents; 0 for one oscillator. */
  readonly detune: number
  readonly cutoff: number
  /** Added to the cutoff at the start of a note, gone after `sweep` seconds. */
  readonly sweepFrom: number
  readonly sweep: number
  /** 0 to 0.95. */
  readonly resonance: number
  readonly attack: number
  readonly decay: number
  /** Level after the decay, 0 to 1. */
  readonly sustain: number
  readonly release: number
  readonly drive: number
  /** Semitones that a note falls at its start. */
  readonly glide?: number
}

/** The notes together, held for `hold` seconds and then let go; `brightness` 1 is the timbre as written. */
export function playTone(timbre: Timbre, midiNotes: readonly number[], hold: number, brightness = 1): Sound {
  const left = renderSide(timbre, midiNotes, hold, brightness, -1)
  return { left, right: timbre.detune === 0 ? left : renderSide(timbre, midiNotes, hold, brightness, 1) }
}

function renderSide(
  timbre: Timbre,
  notes: readonly number[],
  hold: number,
  brightness: number,
  side: 1 | -1,
): Float32Array {
  const samples = new Float32Array(Math.round((hold + timbre.release) * SAMPLE_RATE))
  for (const [index, note] of notes.entries()) {
    addOscillator(samples, timbre, note + (side * timbre.detune) / 200, index * 0.37 + (side > 0 ? 0.21 : 0))
    if (timbre.detune > 0) addOscillator(samples, timbre, note - (side * timbre.detune) / 330, index * 0.61 + 0.5)
  }
  const loudness = 1 / Math.sqrt(notes.length * (timbre.detune > 0 ? 2 : 1))
  filterAndShape(samples, timbre, hold, brightness, loudness)
  return samples
}

function addOscillator(samples: Float32Array, timbre: Timbre, note: number, startPhase: number): void {
  const step = frequencyOf(note) / SAMPLE_RATE
  const { wave, glide = 0 } = timbre
  let phase = startPhase % 1
  for (let index = 0; index < samples.length; index++) {
    phase += glide === 0 ? step : step * 2 ** ((glide * Math.exp((-index / SAMPLE_RATE) * 22)) / 12)
    if (phase >= 1) phase -= 1
    samples[index] = (samples[index] ?? 0) + oscillate(wave, phase, step, index / SAMPLE_RATE)
  }
}

function oscillate(wave: Timbre['wave'], phase: number, step: number, time: number): number {
  switch (wave) {
    case 'saw':
      return 2 * phase - 1 - smoothJump(phase, step)
    case 'square':
      return (phase < 0.5 ? 1 : -1) + smoothJump(phase, step) - smoothJump((phase + 0.5) % 1, step)
    case 'sine':
      return sine(phase)
    case 'electric':
      return sine(phase + sine(phase) * (0.056 + 0.207 / (1 + time * 9)))
    case 'organ':
      return (sine(phase) + 0.55 * sine(2 * phase) + 0.3 * sine(3 * phase)) * 0.7
  }
}

/** The sine of a phase in turns, from -1 on. */
function sine(phase: number): number {
  const place = (phase + 1) * TABLE_SIZE
  const whole = Math.floor(place)
  const from = SINE[whole & (TABLE_SIZE - 1)] ?? 0
  const to = SINE[(whole & (TABLE_SIZE - 1)) + 1] ?? 0
  return from + (to - from) * (place - whole)
}

/** PolyBLEP: rounds the jump of a saw or square over two samples, so that it does not alias. */
function smoothJump(phase: number, step: number): number {
  if (phase < step) return 2 * (phase / step) - (phase / step) ** 2 - 1
  if (phase > 1 - step) return ((phase - 1) / step) ** 2 + 2 * ((phase - 1) / step) + 1
  return 0
}

/** A state variable filter (Andrew Simper's form), its cutoff moved every 32 samples, then drive and envelope. */
function filterAndShape(
  samples: Float32Array,
  timbre: Timbre,
  hold: number,
  brightness: number,
  loudness: number,
): void {
  const { attack, decay, sustain, release } = timbre
  const damping = 2 - 2 * timbre.resonance
  let a1 = 0
  let a2 = 0
  let a3 = 0
  let first = 0
  let second = 0
  for (let index = 0; index < samples.length; index++) {
    const time = index / SAMPLE_RATE
    if (index % 32 === 0) {
      const cutoff = (timbre.cutoff + timbre.sweepFrom * Math.exp(-time / timbre.sweep)) * brightness
      const g = Math.tan((Math.PI * Math.min(cutoff, 15_000)) / SAMPLE_RATE)
      a1 = 1 / (1 + g * (g + damping))
      a2 = g * a1
      a3 = g * a2
    }
    const input = (samples[index] ?? 0) * loudness - second
    const band = a1 * first + a2 * input
    const low = second + a2 * first + a3 * input
    first = 2 * band - first
    second = 2 * low - second
    const held = Math.min(1, time / attack) * (sustain + (1 - sustain) * Math.exp(-Math.max(0, time - attack) / decay))
    const envelope = time < hold ? held : held * Math.max(0, 1 - (time - hold) / release)
    samples[index] = (timbre.drive > 0 ? Math.tanh(low * (1 + timbre.drive)) : low) * envelope
  }
}

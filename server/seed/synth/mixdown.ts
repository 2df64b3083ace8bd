import type { Pcm } from '../../audio/pcm.ts'
import { seededRandom } from '../random.ts'
import type { Score, ScoreEvent } from './score.ts'
import { SAMPLE_RATE } from './sound.ts'
import { Space } from './space.ts'

const WINDOW = 1 << 16
const DUCK_SECONDS = 0.19

export interface MixSettings {
  /** Samples of the whole track. */
  readonly length: number
  readonly echoSeconds: number
  /** How far the music steps back under each kick, 0 to 1. */
  readonly duck: number
  readonly hiss: number
  readonly seed: string
}

interface Buses {
  readonly drums: readonly [Float32Array, Float32Array]
  readonly music: readonly [Float32Array, Float32Array]
  readonly room: Float32Array
  readonly echo: Float32Array
}

/** Plays a score: window after window, so that memory stays at two channels of the track whatever its length. */
export function mixDown(score: Score, settings: MixSettings): Pcm {
  const left = new Float32Array(settings.length)
  const right = new Float32Array(settings.length)
  const longest = score.events.reduce((most, { sound }) => Math.max(most, sound.left.length), 0)
  const buses = makeBuses(WINDOW + longest)
  const space = new Space(settings.echoSeconds)
  const duck = new Ducking(score.kicks, settings.duck)
  const noise = seededRandom(`hiss ${settings.seed}`)
  let next = 0
  for (let start = 0; start < settings.length; start += WINDOW) {
    for (
      let event = score.events[next];
      event !== undefined && event.at < start + WINDOW;
      event = score.events[++next]
    ) {
      place(event, event.at - start, buses)
    }
    const length = Math.min(WINDOW, settings.length - start)
    duck.apply(buses.music, start, length)
    const outLeft = left.subarray(start, start + length)
    const outRight = right.subarray(start, start + length)
    sum(outLeft, buses.drums[0], buses.music[0])
    sum(outRight, buses.drums[1], buses.music[1])
    space.addTo(outLeft, outRight, buses.room, buses.echo, length)
    if (settings.hiss > 0) addHiss(outLeft, outRight, settings.hiss, noise)
    for (const bus of [...buses.drums, ...buses.music, buses.room, buses.echo]) {
      bus.copyWithin(0, WINDOW)
      bus.fill(0, bus.length - WINDOW)
    }
  }
  return { sampleRate: SAMPLE_RATE, left, right }
}

function makeBuses(length: number): Buses {
  const bus = (): Float32Array => new Float32Array(length)
  return { drums: [bus(), bus()], music: [bus(), bus()], room: bus(), echo: bus() }
}

function place({ sound, gain, pan, ducks, room, echo }: ScoreEvent, at: number, buses: Buses): void {
  const [busLeft, busRight] = ducks ? buses.music : buses.drums
  add(busLeft, sound.left, at, gain * Math.min(1, 1 - pan))
  add(busRight, sound.right, at, gain * Math.min(1, 1 + pan))
  if (room > 0) add(buses.room, sound.left, at, gain * room)
  if (echo > 0) add(buses.echo, sound.right, at, gain * echo)
}

function add(bus: Float32Array, samples: Float32Array, at: number, gain: number): void {
  for (let index = 0; index < samples.length; index++)
    bus[at + index] = (bus[at + index] ?? 0) + (samples[index] ?? 0) * gain
}

function sum(out: Float32Array, a: Float32Array, b: Float32Array): void {
  for (let index = 0; index < out.length; index++) out[index] = (a[index] ?? 0) + (b[index] ?? 0)
}

function addHiss(left: Float32Array, right: Float32Array, level: number, noise: () => number): void {
  for (let index = 0; index < left.length; index++) {
    left[index] = (left[index] ?? 0) + (noise() - 0.5) * level
    right[index] = (right[index] ?? 0) + (noise() - 0.5) * level
  }
}

/** Lets the music step back at every kick and come up again: the pump of a dance floor. */
class Ducking {
  readonly #kicks: readonly number[]
  readonly #depth: number
  #next = 0
  #last = Number.NEGATIVE_INFINITY

  constructor(kicks: readonly number[], depth: number) {
    this.#kicks = kicks
    this.#depth = depth
  }

  apply([left, right]: readonly [Float32Array, Float32Array], start: number, length: number): void {
    const recovery = DUCK_SECONDS * SAMPLE_RATE
    for (let index = 0; index < length; index++) {
      const now = start + index
      if (now === this.#kicks[this.#next]) {
        this.#last = now
        this.#next++
      }
      const progress = (now - this.#last) / recovery
      if (progress >= 1) continue
      const gain = 1 - this.#depth * (1 - progress) ** 2
      left[index] = (left[index] ?? 0) * gain
      right[index] = (right[index] ?? 0) * gain
    }
  }
}

import type { Pcm } from './pcm.ts'

/** A stereo tone with a little noise, the same at every call, for tests of formats. */
export function testTone(seconds: number, sampleRate = 44_100): Pcm {
  const length = Math.round(seconds * sampleRate)
  const left = new Float32Array(length)
  const right = new Float32Array(length)
  let noise = 1
  for (let at = 0; at < length; at++) {
    noise = (Math.imul(noise, 1_103_515_245) + 12_345) & 0x7fffffff
    const hiss = (noise / 0x7fffffff - 0.5) * 0.02
    left[at] = 0.5 * Math.sin(at * 0.06) + hiss
    right[at] = 0.4 * Math.sin(at * 0.06 + 0.3) + 0.2 * Math.sin(at * 0.21)
  }
  return { sampleRate, left, right }
}

/** The largest difference between two sounds, over the samples that both have. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = 0
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    largest = Math.max(largest, Math.abs((a[at] ?? 0) - (b[at] ?? 0)))
  }
  return largest
}

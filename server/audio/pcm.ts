/** Sound as numbers: two channels of equal length, samples from -1 to 1. */
export interface Pcm {
  /** Samples per second and channel. */
  readonly sampleRate: number
  readonly left: Float32Array
  readonly right: Float32Array
}

/** The two channels as 16-bit samples, taking turns; what lies outside -1 to 1 is clipped. */
export function interleave16(pcm: Pcm): Int16Array {
  const { left, right } = pcm
  const out = new Int16Array(left.length * 2)
  for (let index = 0; index < left.length; index++) {
    out[2 * index] = to16(left[index] ?? 0)
    out[2 * index + 1] = to16(right[index] ?? 0)
  }
  return out
}

function to16(sample: number): number {
  return Math.max(-32768, Math.min(32767, Math.round(sample * 32767)))
}

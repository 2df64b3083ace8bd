/** Samples per second of everything that is made here. */
export const SAMPLE_RATE = 44_100

/** A short sound that is made once and placed many times; both channels may be the same array. */
export interface Sound {
  readonly left: Float32Array
  readonly right: Float32Array
}

export function mono(samples: Float32Array): Sound {
  return { left: samples, right: samples }
}

export function frequencyOf(midiNote: number): number {
  return 440 * 2 ** ((midiNote - 69) / 12)
}

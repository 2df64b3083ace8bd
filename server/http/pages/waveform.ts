import { Html } from './html.ts'

const BARS = 240
const STEP = 3
const HEIGHT = 96

/** A waveform as mirrored bars, from pairs of signed bytes (lowest, highest; 127 is full scale). */
export function waveform(peaks: Uint8Array): Html {
  const pairs = new Int8Array(peaks.buffer, peaks.byteOffset, peaks.length - (peaks.length % 2))
  const count = pairs.length / 2
  const path = Array.from({ length: BARS }, (_, bar) => {
    const from = Math.floor((bar * count) / BARS)
    const to = Math.max(from + 1, Math.floor(((bar + 1) * count) / BARS))
    let loudest = 0
    for (let at = from; at < to; at++) loudest = Math.max(loudest, -(pairs[2 * at] ?? 0), pairs[2 * at + 1] ?? 0)
    const height = Math.max(2, Math.round((loudest / 127) * HEIGHT))
    return `M${bar * STEP} ${(HEIGHT - height) / 2}h2v${height}h-2z`
  }).join('')
  return new Html(
    `<svg class="wave" viewBox="0 0 ${BARS * STEP} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Waveform"><path d="${path}"/></svg>`,
  )
}

import { createMp3Encoder } from 'wasm-media-encoders'
import type { Pcm } from './pcm.ts'

/** Kilobits per second. */
export type Mp3Bitrate = 96 | 128 | 192 | 256 | 320

const FRAMES_AT_ONCE = 1152 * 64

/** A constant-bitrate MP3 without tags. */
export async function encodeMp3(pcm: Pcm, bitrate: Mp3Bitrate): Promise<Uint8Array> {
  const encoder = await createMp3Encoder()
  encoder.configure({ channels: 2, sampleRate: pcm.sampleRate, bitrate })
  const parts: Uint8Array[] = []
  for (let at = 0; at < pcm.left.length; at += FRAMES_AT_ONCE) {
    const block = [pcm.left.subarray(at, at + FRAMES_AT_ONCE), pcm.right.subarray(at, at + FRAMES_AT_ONCE)]
    // The encoder answers with a window onto its own memory, which the next call overwrites.
    parts.push(encoder.encode(block).slice())
  }
  parts.push(encoder.finalize().slice())
  return Buffer.concat(parts)
}

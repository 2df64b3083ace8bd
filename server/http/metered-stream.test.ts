import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { meteredStream } from './metered-stream.ts'

const KIB = 1024

describe('a metered stream', () => {
  it('counts each block before its bytes leave, the first of 256 KiB, then of 768 KiB', async () => {
    const bytes = Buffer.alloc(3000 * KIB, 7)
    const counts: number[] = []
    let left = 0
    const meter = meteredStream(bytes.length, async (block) => {
      // All that has left so far was counted before.
      expect(left).toBeLessThanOrEqual(counts.reduce((sum, count) => sum + count, 0))
      counts.push(block)
      return true
    })
    meter.on('data', (chunk: Buffer) => {
      left += chunk.length
    })
    const ended = new Promise((resolve) => meter.on('end', resolve))
    Readable.from([bytes.subarray(0, 100 * KIB), bytes.subarray(100 * KIB)]).pipe(meter)
    await ended
    expect(counts).toEqual([256 * KIB, 768 * KIB, 768 * KIB, 768 * KIB, 440 * KIB])
    expect(left).toBe(bytes.length)
  })

  it('passes exactly the bytes of its source, however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300_000 }), { minLength: 1, maxLength: 5 }),
        async (chunks) => {
          const all = Buffer.concat(chunks)
          let counted = 0
          const meter = meteredStream(all.length, async (block) => {
            counted += block
            return true
          })
          expect(await buffer(Readable.from(chunks.map((chunk) => Buffer.from(chunk))).pipe(meter))).toEqual(all)
          expect(counted).toBe(all.length)
        },
      ),
      { numRuns: 30 },
    )
  })

  it('stops where it may send no more, with nothing of the refused block sent', async () => {
    let left = 0
    const meter = meteredStream(1000 * KIB, async (block) => block === 256 * KIB)
    meter.on('data', (chunk: Buffer) => {
      left += chunk.length
    })
    Readable.from([Buffer.alloc(1000 * KIB)]).pipe(meter)
    await expect(new Promise((_, reject) => meter.on('error', reject))).rejects.toMatchObject({
      code: 'attempt-closed',
    })
    expect(left).toBe(256 * KIB)
  })

  it.each([999, 1001])('fails when the source has %d bytes instead of 1000', async (length) => {
    const meter = meteredStream(1000, async () => true)
    await expect(buffer(Readable.from([Buffer.alloc(length)]).pipe(meter))).rejects.toMatchObject({
      code: 'storage-unavailable',
    })
  })
})

import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { hashObject } from './segment-hashes.ts'

const MIB = 1024 * 1024
const content = Buffer.alloc(9 * MIB + 17, 'a piece of music ')
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()

test('segments of 4 MiB, their root and the whole are hashed, however the bytes arrive', async () => {
  const segments = [0, 4, 8].map((start) => sha256(content.subarray(start * MIB, (start + 4) * MIB)))
  const pieces = [content.subarray(0, 1), content.subarray(1, 5 * MIB + 3), content.subarray(5 * MIB + 3)]
  for (const chunks of [[content], pieces]) {
    expect(await hashObject(chunks)).toEqual({
      sizeBytes: content.length,
      sha256: sha256(content).toString('hex'),
      segmentSize: 4 * MIB,
      segmentSha256: segments.map((digest) => digest.toString('hex')),
      segmentRoot: sha256(Buffer.concat(segments)).toString('hex'),
      crc32: crc32(content),
    })
  }
})

test('a file that ends with a segment has no empty segment behind it', async () => {
  const { segmentSha256 } = await hashObject([content.subarray(0, 8 * MIB)])
  expect(segmentSha256).toHaveLength(2)
})

test('an empty file has no segments', async () => {
  const hashes = await hashObject([])
  expect(hashes).toMatchObject({
    sizeBytes: 0,
    segmentSha256: [],
    segmentRoot: sha256(Buffer.alloc(0)).toString('hex'),
  })
})

import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import { albumZipBytes, planAlbumZip, type ZipPlan } from './album-zip.ts'

const files = new Map([
  ['01 Ayşe Öztürk - Gece.mp3', Buffer.alloc(70_000, 'gece')],
  ['02 夜明け – 朝.flac', Buffer.alloc(3, 'x')],
  ['03 empty.wav', Buffer.alloc(0)],
])
const sources = [...files].map(([name, bytes]) => ({ name, size: bytes.length, crc32: crc32(bytes) }))

function write(plan: ZipPlan): Promise<Buffer> {
  return buffer(albumZipBytes(plan, (entry) => [files.get(entry.name) ?? Buffer.alloc(0)]))
}

test('a foreign reader finds every file with its name, size, checksum and bytes', async () => {
  const zip = await fromBufferPromise(await write(planAlbumZip(sources)), { strictFileNames: true })
  const found = new Map<string, Buffer>()
  for await (const entry of zip.eachEntry()) {
    const bytes = await buffer(await zip.openReadStreamPromise(entry))
    expect(entry).toMatchObject({ compressionMethod: 0, uncompressedSize: bytes.length, crc32: crc32(bytes) })
    found.set(entry.fileName, bytes)
  }
  expect(found).toEqual(files)
})

test('the list says where each file lies in the archive', async () => {
  const plan = planAlbumZip(sources)
  const zip = await write(plan)
  expect(zip).toHaveLength(plan.size)
  for (const { name, offset, size } of plan.entries) {
    expect(zip.subarray(offset, offset + size)).toEqual(files.get(name))
  }
})

test('the same album gives the same bytes', async () => {
  const digests = await Promise.all(
    [1, 2].map(async () =>
      createHash('sha256')
        .update(await write(planAlbumZip(sources)))
        .digest('hex'),
    ),
  )
  expect(digests[0]).toBe(digests[1])
})

test('a file that changed since the plan is refused', async () => {
  const [first] = sources
  const plan = planAlbumZip([{ name: first?.name ?? '', size: first?.size ?? 0, crc32: 1 }])
  await expect(write(plan)).rejects.toMatchObject({ code: 'hash-mismatch' })
})

test('an archive above 4 GiB has wide sizes and places', () => {
  const plan = planAlbumZip([
    { name: 'a.wav', size: 4_300_000_000, crc32: 1 },
    { name: 'b.wav', size: 10, crc32: 2 },
  ])
  // Two local headers (30 + 5 each, the first with 20 wide bytes), then 46 + 5 each with 20 and 12, then 56 + 20 + 22.
  expect(plan.entries.map(({ offset }) => offset)).toEqual([55, 4_300_000_090])
  expect(plan.size).toBe(4_300_000_100 + 71 + 63 + 98)
})

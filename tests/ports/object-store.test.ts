import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { objectKey } from '../../server/adapters/object-key.ts'
import { openFileObjectStore } from '../../server/adapters/object-store-files.ts'
import { openS3ObjectStore } from '../../server/adapters/object-store-s3.ts'
import type { ObjectStore } from '../../server/ports.ts'
import { type S3Stub, startS3Stub } from '../_kit/s3-stub.ts'

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

let folder: string
let stub: S3Stub
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-objects-'))
  stub = await startS3Stub()
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await stub[Symbol.asyncDispose]()
})

/** Writes `bytes` to a file and stores it; answers its key. */
async function store(objects: ObjectStore, bytes: Buffer): Promise<string> {
  const file = path.join(folder, `source-${sha256(bytes)}`)
  await writeFile(file, bytes)
  const key = objectKey(sha256(bytes))
  await objects.putFile(key, file, { sha256: sha256(bytes), sizeBytes: bytes.length, mimeType: 'audio/wav' })
  return key
}

describe.each([
  ['files', () => openFileObjectStore(path.join(folder, 'store'))],
  ['S3', () => openS3ObjectStore(stub)],
] as const)('object store of %s', (_, open) => {
  it('gives back exactly the bytes of a range', async () => {
    const objects = open()
    const bytes = randomBytes(700_001)
    const key = await store(objects, bytes)
    const read = async (start: number, end: number): Promise<Buffer> => buffer(await objects.read(key, start, end))
    expect(await read(0, bytes.length - 1)).toEqual(bytes)
    expect(await read(0, 0)).toEqual(bytes.subarray(0, 1))
    expect(await read(300_000, 600_000)).toEqual(bytes.subarray(300_000, 600_001))
    expect(await read(700_000, 700_000)).toEqual(bytes.subarray(700_000))
  })

  it('knows the size of what it has, and that it has not the rest', async () => {
    const objects = open()
    const key = await store(objects, randomBytes(1234))
    expect(await objects.head(key)).toEqual({ key, sizeBytes: 1234 })
    expect(await objects.head(objectKey('0'.repeat(64)))).toBeNull()
  })

  it('stores the same content again without harm, also when two do it at once', async () => {
    const objects = open()
    const bytes = randomBytes(5000)
    const [key] = await Promise.all([store(objects, bytes), store(objects, bytes)])
    await store(objects, bytes)
    expect(await buffer(await objects.read(key, 0, 4999))).toEqual(bytes)
  })

  it('refuses a file that does not have the hash it should be stored under', async () => {
    const objects = open()
    const file = path.join(folder, 'forged')
    await writeFile(file, 'forged')
    const other = sha256(Buffer.from('genuine'))
    await expect(
      objects.putFile(objectKey(other), file, { sha256: other, sizeBytes: 6, mimeType: 'audio/wav' }),
    ).rejects.toThrow()
    expect(await objects.head(objectKey(other))).toBeNull()
  })

  it('R-MM-52: says storage-unavailable for a read of what is missing', async () => {
    const missing = objectKey('1'.repeat(64))
    await expect(open().read(missing, 0, 9)).rejects.toMatchObject({ code: 'storage-unavailable' })
  })

  it('ends a read that is aborted', async () => {
    const objects = open()
    const key = await store(objects, randomBytes(900_000))
    const stop = new AbortController()
    const stream = await objects.read(key, 0, 899_999, stop.signal)
    stop.abort()
    await expect(buffer(stream)).rejects.toThrow()
    await expect(objects.read(key, 0, 9, AbortSignal.abort())).rejects.toThrow()
  })

  it('deletes, and does not mind to do it twice', async () => {
    const objects = open()
    const key = await store(objects, randomBytes(10))
    await objects.delete(key)
    await objects.delete(key)
    expect(await objects.head(key)).toBeNull()
  })

  it.each(['../../etc/passwd', 'objects/..', 'objects/ABC', `objects/${'a'.repeat(64)}/x`, ''])(
    'takes nothing for a key that is not one: %s',
    async (key) => {
      await expect(open().head(key)).rejects.toThrow('Not an object key')
      await expect(open().read(key, 0, 1)).rejects.toThrow('Not an object key')
    },
  )
})

describe('object store of files', () => {
  it('keeps an object under the first two digits of its hash and leaves nothing half-written', async () => {
    const home = path.join(folder, 'layout')
    const bytes = randomBytes(100)
    await store(openFileObjectStore(home), bytes)
    expect(await readdir(home, { recursive: true })).toEqual([
      sha256(bytes).slice(0, 2),
      path.join(sha256(bytes).slice(0, 2), sha256(bytes)),
    ])
  })
})

describe('object store of S3', () => {
  it('R-MM-49: without the right credentials the bucket gives nothing', async () => {
    const key = await store(openS3ObjectStore(stub), randomBytes(64))
    const anonymous = await fetch(`${stub.endpoint}/${stub.bucket}/${key}`)
    expect(anonymous.status).toBe(403)
    const stranger = openS3ObjectStore({ ...stub, secretAccessKey: 'another' })
    await expect(stranger.read(key, 0, 9)).rejects.toMatchObject({ code: 'storage-unavailable' })
    await expect(stranger.head(key)).rejects.toMatchObject({ code: 'storage-unavailable' })
    expect(stub.refusals).toContain(`GET ${key} SignatureDoesNotMatch`)
  })

  it('says storage-unavailable while the store is down, and never that the object is missing', async () => {
    const objects = openS3ObjectStore(stub)
    const key = await store(objects, randomBytes(64))
    stub.outage = 503
    try {
      await expect(objects.head(key)).rejects.toMatchObject({ code: 'storage-unavailable' })
      await expect(objects.read(key, 0, 9)).rejects.toMatchObject({ code: 'storage-unavailable' })
    } finally {
      stub.outage = null
    }
  })
})

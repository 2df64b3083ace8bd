import { randomBytes, randomInt } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDirectWrites, type DirectWriter, openDirectWriter } from './direct-writer.ts'

const MIB = 1024 * 1024

let folder: string
let file: string
let fd: number

beforeEach(() => {
  // Beside the project: a temporary folder may lie in memory, where nothing can be written directly.
  folder = mkdtempSync(path.join(process.cwd(), 'node_modules/.direct-'))
  file = path.join(folder, 'part')
  fd = openSync(file, 'w+')
})

afterEach(() => {
  closeSync(fd)
  rmSync(folder, { recursive: true })
})

/** As a connection does it: reads into the space that is offered, or somewhere else, in pieces of any length. */
async function bring(writer: DirectWriter, bytes: Buffer, from: number, longest: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const space = randomInt(4) === 0 ? null : writer.space(from + at)
    const length = Math.min(bytes.length - at, randomInt(longest) + 1, space?.length ?? longest)
    const piece = bytes.subarray(at, at + length)
    space?.set(piece)
    await writer.write(space?.subarray(0, length) ?? piece, from + at)
    at += length
  }
}

describe('R-DC-12: bytes past the page cache', () => {
  it.each([
    ['from the start', 0, 9 * MIB],
    ['to an end inside a page', 0, 5 * MIB + 1234],
    ['from inside a page', 777, 4 * MIB],
    ['less than a page', 0, 100],
    ['less than a page, over its border', 4090, 100],
    ['a page', 4096, 4096],
  ])('%s, all of them are where they belong once it is closed', async (_, from, length) => {
    const bytes = randomBytes(length)
    const writer = openDirectWriter(fd, createDirectWrites(), () => 0)
    await bring(writer, bytes, from, 300_000)
    await writer.close()
    expect(writer.pendingBytes()).toBe(0)
    expect(readFileSync(file).subarray(from).equals(bytes)).toBe(true)
  })

  it('several ranges at once share the blocks of a thread, more of them than there are', async () => {
    const bytes = randomBytes(24 * MIB)
    const shared = createDirectWrites()
    const ranges = Array.from({ length: 24 }, (_, index) => index * MIB)
    await Promise.all(
      ranges.map(async (from) => {
        const writer = openDirectWriter(fd, shared, () => 0)
        await bring(writer, bytes.subarray(from, from + MIB), from, 200_000)
        await writer.close()
      }),
    )
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  it('over what was written as usual before, in whole and in part', async () => {
    const before = randomBytes(2 * MIB)
    const after = randomBytes(MIB)
    const usual = openDirectWriter(fd, { ...createDirectWrites(), take: () => null }, () => 0)
    await usual.write(before, 0)
    await usual.close()
    const writer = openDirectWriter(fd, createDirectWrites(), () => 0)
    await bring(writer, after, 300_001, 100_000)
    await writer.close()
    after.copy(before, 300_001)
    expect(readFileSync(file).equals(before)).toBe(true)
  })

  it('bytes for another place are no part of the block before them', async () => {
    const bytes = randomBytes(3 * 65_536)
    const writer = openDirectWriter(fd, createDirectWrites(), () => 0)
    await writer.write(bytes.subarray(0, 65_536), 0)
    await writer.write(bytes.subarray(131_072), 131_072)
    await writer.close()
    const now = readFileSync(file)
    expect(now.subarray(0, 65_536).equals(bytes.subarray(0, 65_536))).toBe(true)
    expect(now.subarray(131_072).equals(bytes.subarray(131_072))).toBe(true)
  })

  it('says what is in the file: after the callback it can be read, and what waits is counted as pending', async () => {
    const bytes = randomBytes(MIB + 500)
    const writer = openDirectWriter(fd, createDirectWrites(), () => 0)
    await writer.write(bytes, 0)
    expect(writer.pendingBytes()).toBeGreaterThan(0)
    await new Promise<void>((resolve) => writer.afterWrites(resolve))
    expect(writer.pendingBytes()).toBe(0)
    expect(readFileSync(file).equals(bytes)).toBe(true)
    await writer.close()
  })

  it('DL1: what came a while ago is held back no longer, so that a killed process loses little', async () => {
    let now = 0
    const writer = openDirectWriter(fd, createDirectWrites(), () => now)
    await writer.write(randomBytes(65_536), 0)
    expect(writer.pendingBytes()).toBe(65_536)
    now = 201
    await writer.write(randomBytes(4096), 65_536)
    while (writer.pendingBytes() > 0) await new Promise((resolve) => setImmediate(resolve))
    expect(readFileSync(file)).toHaveLength(69_632)
    await writer.close()
  })

  it('DL1: what trickles is in the file at once', async () => {
    const writer = openDirectWriter(fd, createDirectWrites(), () => 0)
    for (let at = 0; at < 8192; at += 1024) {
      await writer.write(randomBytes(1024), at)
      expect(writer.pendingBytes()).toBe(0)
      expect(readFileSync(file)).toHaveLength(at + 1024)
    }
    await writer.close()
  })

  it('where the system refuses direct writes, all of them are made as usual, also those that were under way together', async () => {
    const bytes = randomBytes(4 * MIB)
    const blocks = Array.from({ length: 8 }, () => new Uint8Array(new ArrayBuffer(524_289), 1))
    // Blocks that begin inside a unit of memory: the refusal of a disk with larger units.
    const writer = openDirectWriter(fd, { ...createDirectWrites(), take: () => blocks.pop() ?? null }, () => 0)
    for (let at = 0; at < bytes.length; at += 65_536) await writer.write(bytes.subarray(at, at + 65_536), at)
    await writer.close()
    expect(readFileSync(file).equals(bytes)).toBe(true)
  })

  it('a write that fails is told by the next one, or by the end, and its callback never comes', async () => {
    const readOnly = openSync(file, 'r')
    // Memory that begins inside a unit can not be written directly; as usual, this file can not be written at all.
    const take = () => new Uint8Array(new ArrayBuffer(524_289), 1)
    const writer = openDirectWriter(readOnly, { ...createDirectWrites(), take }, () => 0)
    let isTold = false
    await writer.write(randomBytes(65_536), 0)
    writer.afterWrites(() => {
      isTold = true
    })
    await expect(writer.close()).rejects.toThrow(/EBADF|EINVAL/)
    expect(() => writer.write(randomBytes(1), 65_536)).toThrow(/EBADF|EINVAL/)
    expect(isTold).toBe(false)
    closeSync(readOnly)
  })
})

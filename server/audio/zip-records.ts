import type { ZipEntry, ZipSource } from './zip-entry.ts'

// PKWARE APPNOTE 6.3.10; section numbers below are its own.
const FOUR_GIB = 0xffffffff
const MANY = 0xffff
const VERSION_STORE = 20
const VERSION_ZIP64 = 45
const MADE_BY_UNIX = (3 << 8) | VERSION_ZIP64
const UTF8_NAMES = 0x0800
const REGULAR_FILE = (0o100644 << 16) >>> 0
/** 2026-01-01 00:00:00 in MS-DOS form: the same for every archive, so that equal content gives equal bytes. */
const DOS_DATE = ((2026 - 1980) << 9) | (1 << 5) | 1
const DOS_TIME = 0

/** §4.3.7: the record before a file's bytes. */
export function localHeader(source: ZipSource): Buffer {
  const name = Buffer.from(source.name, 'utf8')
  const big = source.size >= FOUR_GIB
  const extra = big ? zip64Extra([source.size, source.size]) : Buffer.alloc(0)
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(big ? VERSION_ZIP64 : VERSION_STORE, 4)
  writeFacts(head, 6, source, name.length, extra.length)
  return Buffer.concat([head, name, extra])
}

/** §4.3.12 to §4.3.16: the list of files at `position`, and what closes the archive. */
export function centralDirectory(entries: readonly ZipEntry[], position: number): Buffer {
  const list = Buffer.concat(entries.map(centralHeader))
  const isBig = position >= FOUR_GIB || list.length >= FOUR_GIB || entries.length >= MANY
  const zip64 = isBig ? zip64End(entries.length, list.length, position) : Buffer.alloc(0)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Math.min(entries.length, MANY), 8)
  end.writeUInt16LE(Math.min(entries.length, MANY), 10)
  end.writeUInt32LE(Math.min(list.length, FOUR_GIB), 12)
  end.writeUInt32LE(Math.min(position, FOUR_GIB), 16)
  return Buffer.concat([list, zip64, end])
}

function centralHeader(entry: ZipEntry): Buffer {
  const name = Buffer.from(entry.name, 'utf8')
  const start = entry.offset - localHeader(entry).length
  const bigSize = entry.size >= FOUR_GIB
  const bigStart = start >= FOUR_GIB
  const wide = [...(bigSize ? [entry.size, entry.size] : []), ...(bigStart ? [start] : [])]
  const extra = wide.length > 0 ? zip64Extra(wide) : Buffer.alloc(0)
  const head = Buffer.alloc(46)
  head.writeUInt32LE(0x02014b50, 0)
  head.writeUInt16LE(MADE_BY_UNIX, 4)
  head.writeUInt16LE(wide.length > 0 ? VERSION_ZIP64 : VERSION_STORE, 6)
  writeFacts(head, 8, entry, name.length, extra.length)
  head.writeUInt32LE(REGULAR_FILE, 38)
  head.writeUInt32LE(bigStart ? FOUR_GIB : start, 42)
  return Buffer.concat([head, name, extra])
}

/** The fields that a local and a central header share: flags, method, time, checksum, sizes, lengths. */
function writeFacts(head: Buffer, at: number, source: ZipSource, nameLength: number, extraLength: number): void {
  const size = Math.min(source.size, FOUR_GIB)
  head.writeUInt16LE(UTF8_NAMES, at)
  head.writeUInt16LE(DOS_TIME, at + 4)
  head.writeUInt16LE(DOS_DATE, at + 6)
  head.writeUInt32LE(source.crc32, at + 8)
  head.writeUInt32LE(size, at + 12)
  head.writeUInt32LE(size, at + 16)
  head.writeUInt16LE(nameLength, at + 20)
  head.writeUInt16LE(extraLength, at + 22)
}

/** §4.5.3: the values that do not fit into 32 bits. */
function zip64Extra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(8 * values.length, 2)
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index)
  return extra
}

/** §4.3.14 and §4.3.15: the wide end record and the locator that finds it. */
function zip64End(count: number, listSize: number, position: number): Buffer {
  const end = Buffer.alloc(56)
  end.writeUInt32LE(0x06064b50, 0)
  end.writeBigUInt64LE(44n, 4)
  end.writeUInt16LE(MADE_BY_UNIX, 12)
  end.writeUInt16LE(VERSION_ZIP64, 14)
  end.writeBigUInt64LE(BigInt(count), 24)
  end.writeBigUInt64LE(BigInt(count), 32)
  end.writeBigUInt64LE(BigInt(listSize), 40)
  end.writeBigUInt64LE(BigInt(position), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(BigInt(position + listSize), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([end, locator])
}

import { createHash } from 'node:crypto'
import { closeSync, createReadStream, fstatSync, open as openCallback, read as readCallback } from 'node:fs'
import { type FileHandle, mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { AppError } from '../../contract/errors.ts'
import type { ObjectStore } from '../ports.ts'
import { sha256OfKey } from './object-key.ts'

const READ_BLOCK_BYTES = 256 * 1024

// With plain descriptors a read costs half of what it does with handles.
const openFile = promisify(openCallback)
const readFile = promisify(readCallback)

/** Objects as files, `<folder>/<first two hex digits>/<sha256>`: written beside, made durable, then renamed. */
export function openFileObjectStore(folder: string): ObjectStore {
  const fileOf = (key: string): string => {
    const sha256 = sha256OfKey(key)
    return path.join(folder, sha256.slice(0, 2), sha256)
  }
  return {
    async head(key) {
      const file = fileOf(key)
      try {
        const found = await stat(file)
        return found.isFile() ? { key, sizeBytes: found.size } : null
      } catch (error) {
        if (isMissing(error)) return null
        throw unavailable(error)
      }
    },

    async read(key, start, end, signal) {
      signal?.throwIfAborted()
      const file = await open(fileOf(key), 'r').catch((error: unknown) => {
        throw unavailable(error)
      })
      return file.createReadStream({ start, end, highWaterMark: READ_BLOCK_BYTES, ...(signal && { signal }) })
    },

    async open(key) {
      const fd = await openFile(fileOf(key), 'r').catch((error: unknown) => {
        throw unavailable(error)
      })
      return {
        // Of an open file this is known without asking the disk.
        sizeBytes: fstatSync(fd).size,
        async read(buffer, position) {
          const { bytesRead } = await readFile(fd, buffer, 0, buffer.length, position).catch((error: unknown) => {
            throw unavailable(error)
          })
          return bytesRead
        },
        // Nothing was written that closing could have to wait for.
        close: async () => closeSync(fd),
      }
    },

    async putFile(key, source, { sha256, sizeBytes }) {
      const target = fileOf(key)
      if ((await this.head(key))?.sizeBytes === sizeBytes) return
      const home = path.dirname(target)
      await mkdir(home, { recursive: true })
      const beside = await mkdtemp(path.join(folder, '.incoming-'))
      try {
        const half = path.join(beside, sha256)
        await copyProved(source, half, sha256)
        await rename(half, target)
        await makeDurable(home)
        await makeDurable(folder)
      } finally {
        await rm(beside, { recursive: true, force: true })
      }
    },

    async delete(key) {
      await rm(fileOf(key), { force: true })
    },
  }
}

/** Copies and hashes in one pass; a file that is not what its key says would be served wrong for ever. */
async function copyProved(source: string, target: string, sha256: string): Promise<void> {
  const hash = createHash('sha256')
  await using file = await open(target, 'wx', 0o600)
  for await (const chunk of createReadStream(source, { highWaterMark: READ_BLOCK_BYTES })) {
    hash.update(chunk as Buffer)
    await writeWhole(file, chunk as Buffer)
  }
  if (hash.digest('hex') !== sha256) throw new Error('The file does not have the hash it is stored under')
  await file.sync()
}

async function writeWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten
}

/** Makes the names in a folder survive a power cut; Windows can not open folders and needs no such thing. */
async function makeDurable(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await open(folder, 'r')
  await handle.sync()
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

function unavailable(cause: unknown): AppError {
  return new AppError('storage-unavailable', undefined, undefined, { cause })
}

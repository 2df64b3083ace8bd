import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import path from 'node:path'

/** Replaces `file` by `content` (0600) whole or not at all, on disk before it returns. Throws what the file system throws. */
export async function writeFileDurably(file: string, content: string): Promise<void> {
  const next = `${file}.${randomUUID()}.tmp`
  try {
    const handle = await open(next, 'wx', 0o600)
    try {
      await handle.writeFile(content)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(next, file)
  } catch (error) {
    await rm(next, { force: true })
    throw error
  }
  await syncFolder(path.dirname(file))
}

/** Makes a rename in `folder` last over a power cut, on systems that can open folders. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

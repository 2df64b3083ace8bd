import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

export interface FileBelow {
  /** From the folder. */
  readonly name: string
  readonly bytes: Buffer
}

/** Every file below a folder with its bytes. One that goes while others are read, as a file that gets its final name does, is left out. */
export async function filesBelow(folder: string): Promise<FileBelow[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const read = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const place = path.join(entry.parentPath, entry.name)
      const bytes = await readFile(place).catch(ifGone)
      return bytes === null ? [] : [{ name: path.relative(folder, place), bytes }]
    })
  return (await Promise.all(read)).flat()
}

function ifGone(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null
  throw error
}

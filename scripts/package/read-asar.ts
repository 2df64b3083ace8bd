import { open } from 'node:fs/promises'

export interface AsarEntry {
  /** With `/`, from the archive's root. */
  readonly path: string
  /** The file lies beside the archive, in `app.asar.unpacked`. */
  readonly isUnpacked: boolean
  /** In bytes. */
  readonly size: number
}

export interface Asar {
  readonly entries: readonly AsarEntry[]
  /** The bytes of a packed entry. Throws for a path that is not packed. */
  read(path: string): Promise<Buffer>
}

interface Node {
  readonly files?: Readonly<Record<string, Node>>
  readonly offset?: string
  readonly size?: number
  readonly unpacked?: boolean
  readonly link?: string
}

/** Bytes before the header: four 32-bit numbers, of which the second is the header's length and the fourth that of its JSON. */
const PRELUDE = 16

/** Reads the list of an asar archive: a JSON header, then the files one after the other. Throws what the file system throws. */
export async function readAsar(file: string): Promise<Asar> {
  const prelude = await readAt(file, 0, PRELUDE)
  const start = 8 + prelude.readUInt32LE(4)
  const header = JSON.parse((await readAt(file, PRELUDE, prelude.readUInt32LE(12))).toString('utf8')) as Node
  const nodes = [...filesOf(header, '')]
  return {
    entries: nodes.map(([path, { unpacked = false, size = 0 }]) => ({ path, isUnpacked: unpacked, size })),
    async read(path) {
      const [, node] = nodes.find(([known]) => known === path) ?? []
      if (node?.offset === undefined || node.size === undefined) throw new Error(`${path} is not packed`)
      return await readAt(file, start + Number(node.offset), node.size)
    },
  }
}

function* filesOf(node: Node, path: string): Generator<[string, Node]> {
  if (node.files === undefined) yield [path, node]
  else
    for (const [name, inner] of Object.entries(node.files))
      yield* filesOf(inner, path === '' ? name : `${path}/${name}`)
}

async function readAt(file: string, position: number, length: number): Promise<Buffer> {
  const handle = await open(file, 'r')
  try {
    const bytes = Buffer.alloc(length)
    await handle.read(bytes, 0, length, position)
    return bytes
  } finally {
    await handle.close()
  }
}

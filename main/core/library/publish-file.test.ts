import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFailingDisk } from '../../../tests/_kit/failing-disk.ts'
import { type Disk, realDisk } from './disk.ts'
import { publishFiles, type StagedFile } from './publish-file.ts'

let folder: string
let library: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-publish-'))
  library = path.join(folder, 'Library')
  await mkdir(library)
})

afterEach(() => rm(folder, { recursive: true }))

/** Stages a file with its own number as its content for each name. */
async function staged(...names: readonly string[]): Promise<StagedFile[]> {
  const files = names.map((name, index) => ({ staged: path.join(folder, `${index}.piece`), name }))
  for (const [index, file] of files.entries()) await writeFile(file.staged, `ours ${index}`)
  return files
}

/** Publishes, and answers what was announced, each time as one list, and what was published. */
async function publish(files: readonly StagedFile[], disk: Disk = realDisk, onAnnounce = async () => {}) {
  const announced: string[][] = []
  const published: string[] = []
  // What happens between the announcement and the first name happens in front of the disk's next operation.
  let before: Promise<void> = Promise.resolve()
  const waiting: Disk = {
    ...disk,
    async link(...given) {
      await before
      await disk.link(...given)
    },
  }
  const failure = await publishFiles(waiting, library, files, {
    announce(named) {
      if (announced.length === 0) before = onAnnounce()
      announced.push(named.map(({ fileName }) => fileName))
    },
    published: ({ fileName }) => void published.push(fileName),
  }).catch((error: unknown) => error)
  return { announced, published, failure }
}

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(library)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(library, name), 'utf8')])),
  )
}

describe('DL15: several files get their names together', () => {
  it('twins among them get numbers, also one that is called as another is numbered', async () => {
    const { announced, published } = await publish(await staged('Tide.mp3', 'TIDE.MP3', 'tide (2).mp3', 'Other.mp3'))
    expect(announced).toEqual([['Tide.mp3', 'TIDE (2).MP3', 'tide (2) (2).mp3', 'Other.mp3']])
    expect(published).toEqual(announced[0])
    expect(await contents()).toEqual({
      'Other.mp3': 'ours 3',
      'TIDE (2).MP3': 'ours 1',
      'Tide.mp3': 'ours 0',
      'tide (2) (2).mp3': 'ours 2',
    })
    expect(await readdir(folder)).toEqual(['Library'])
  })

  it('a name that somebody takes between the announcement and the link is left to them; only its file is announced again', async () => {
    const { announced, published } = await publish(await staged('One.mp3', 'Two.mp3', 'Three.mp3'), realDisk, () =>
      writeFile(path.join(library, 'Two.mp3'), 'of the user'),
    )
    expect(announced).toEqual([['One.mp3', 'Two.mp3', 'Three.mp3'], ['Two (2).mp3']])
    expect(published).toEqual(['One.mp3', 'Three.mp3', 'Two (2).mp3'])
    expect(await contents()).toEqual({
      'One.mp3': 'ours 0',
      'Three.mp3': 'ours 2',
      'Two (2).mp3': 'ours 1',
      'Two.mp3': 'of the user',
    })
  })

  it.each(['link', 'sync'] as const)(
    'when the disk refuses a %s, only what has its name for good is told',
    async (operation) => {
      const failing = createFailingDisk()
      failing.fail({ operations: [operation], code: 'ENOSPC', after: operation === 'link' ? 2 : 0 })
      const { published, failure } = await publish(await staged('One.mp3', 'Two.mp3', 'Three.mp3'), failing.disk)
      expect(failure).toMatchObject({ code: 'disk-full' })
      expect(published).toEqual(operation === 'link' ? ['One.mp3', 'Two.mp3'] : [])
    },
  )

  it('one that takes the place of another replaces it, and no other file', async () => {
    await writeFile(path.join(library, 'Two.mp3'), 'damaged')
    await writeFile(path.join(library, 'One.mp3'), 'of the user')
    const [one, two] = await staged('One.mp3', 'One.mp3')
    if (one === undefined || two === undefined) throw new Error('two were staged')
    await publish([one, { ...two, over: 'Two.mp3' }])
    expect(await contents()).toEqual({ 'One (2).mp3': 'ours 0', 'One.mp3': 'of the user', 'Two.mp3': 'ours 1' })
  })
})

import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { realDisk } from '../../../main/core/library/disk.ts'
import { publishFiles, type StagedFile } from '../../../main/core/library/publish-file.ts'
import { trackFileName } from '../../../main/core/library/track-names.ts'
import { HOSTILE_NAMES } from './hostile-names.ts'
import { objections, twinMark } from './valid-names.ts'

const GENERATED = 5_000
/** Files of one folder: enough for collisions, few enough to look through each time. */
const BATCH = 200
const SEED = 20_260_115
const LISTED = Object.values(HOSTILE_NAMES).flat()
const TEMPLATES = [
  '{artist} - {title} [{bpm} {key}]',
  '{title}',
  '../{artist}/{title}',
  'CON{title}',
  '{album}. ',
  '\u202e{title} ({album})',
]

interface Naming {
  readonly template: string
  readonly artist: string | null
  readonly title: string | null
  readonly album: string | null
  readonly bpm: number | null
  readonly fallback: string
}

const nasty = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...LISTED) },
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 300 }) },
  {
    weight: 2,
    arbitrary: fc.string({
      unit: fc.constantFrom(...'./\\ :*?AaéÉ\u0301\u202e\u200d\ud800🎧🇮\u0000-()0'),
      maxLength: 90,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...LISTED), fc.constantFrom(...LISTED)).map(([one, other]) => one + other),
  },
)
const naming: fc.Arbitrary<Naming> = fc.record({
  template: fc.constantFrom(...TEMPLATES),
  artist: fc.option(nasty),
  title: fc.option(nasty, { freq: 8 }),
  album: fc.option(nasty),
  bpm: fc.option(fc.integer({ min: 1, max: 999 })),
  fallback: fc
    .tuple(nasty, fc.constantFrom('.mp3', '.FLAC', '.wav', '.aiff', '', '.exe', '.mp3/..', '.mp3\u0000', '. mp3'))
    .map(([name, ending]) => name + ending),
})

function nameOf({ template, fallback, artist, title, album, bpm }: Naming): string {
  return trackFileName(template, { artist, title, album, bpm, key: '8A' }, fallback)
}

/** Gives a staged file its name as the product does, and answers it. */
async function publish(library: string, file: StagedFile): Promise<string> {
  let given = ''
  const published = ({ fileName }: { fileName: string }) => {
    given = fileName
  }
  await publishFiles(realDisk, library, [file], { announce() {}, published })
  return given
}

/** Publishes a file for each name into one folder as the product does, and reads all of them back. */
async function publishAll(folder: string, names: readonly string[]): Promise<void> {
  const library = path.join(folder, 'Library')
  await mkdir(library, { recursive: true })
  const expected = new Map<string, string>()
  for (const [index, name] of names.entries()) {
    const staged = path.join(folder, 'staged')
    const content = createHash('sha256').update(`${index} ${name}`).digest('hex')
    await writeFile(staged, content)
    expected.set(await publish(library, { staged, name }), content)
  }
  const found = await readdir(library)
  expect(found.sort()).toEqual([...expected.keys()].sort())
  expect(found).toHaveLength(names.length)
  expect(new Set(found.map(twinMark)).size).toBe(names.length)
  expect(await readdir(folder)).toEqual(['Library'])
  for (const name of found) {
    expect(objections(library, name), JSON.stringify(name)).toEqual([])
    expect(await readFile(path.join(library, name), 'utf8')).toBe(expected.get(name))
  }
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-names-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('G18: 200 listed hostile names, as title, artist and the name that the server gives, are good on ext4, NTFS and APFS', async () => {
  expect(new Set(LISTED).size).toBeGreaterThanOrEqual(200)
  const folder = await temporaryFolder()
  const plain = { template: '{title}', artist: null, title: null, album: null, bpm: null, fallback: 'x.mp3' }
  for (const [place, change] of (
    [
      (name: string) => ({ title: name }),
      (name: string) => ({ title: 'Tide', artist: name, template: '{artist} - {title}' }),
      (name: string) => ({ fallback: name }),
      (name: string) => ({ template: name, title: 'Tide' }),
    ] as const
  ).entries()) {
    const names = LISTED.map((name) => nameOf({ ...plain, ...change(name) }))
    for (const [index, name] of names.entries())
      expect(objections('/music', name), JSON.stringify([LISTED[index], name])).toEqual([])
    await publishAll(path.join(folder, String(place)), names)
  }
})

test('G18: 5,000 generated names are inside the target, good on ext4, NTFS and APFS, and really created and read back', {
  timeout: 120_000,
}, async () => {
  const names = fc.sample(naming, { numRuns: GENERATED, seed: SEED }).map(nameOf)
  expect(names).toHaveLength(GENERATED)
  const wrong = names.filter((name) => objections('/music', name).length > 0)
  expect(wrong.slice(0, 5).map((name) => [name, objections('/music', name)])).toEqual([])
  const folder = await temporaryFolder()
  for (let first = 0; first < names.length; first += BATCH)
    await publishAll(path.join(folder, String(first)), names.slice(first, first + BATCH))
})

test('G18: the same names in a folder whose path is longer than 1,000 bytes', async () => {
  const folder = path.join(
    await temporaryFolder(),
    ...new Array<string>(12).fill('हिन्दी संगीत deep folder '.repeat(2).trim()),
  )
  expect(Buffer.byteLength(folder)).toBeGreaterThan(1_000)
  await publishAll(
    folder,
    LISTED.map((title) =>
      nameOf({ template: '{title}', artist: null, title, album: null, bpm: null, fallback: 'x.wav' }),
    ),
  )
})

test('G18: a twin of a file that is there already gets a number, whoever put that file there', async () => {
  const folder = await temporaryFolder()
  const library = path.join(folder, 'Library')
  await mkdir(library)
  for (const name of ['tide.MP3', 'Ångström.mp3'.normalize('NFD'), 'STRASSE.mp3'])
    await writeFile(path.join(library, name), 'of the user')
  for (const name of ['Tide.mp3', 'Ångström.mp3', 'Straße.mp3']) {
    await writeFile(path.join(folder, 'staged'), 'ours')
    const given = await publish(library, { staged: path.join(folder, 'staged'), name })
    expect(given).toBe(name.replace('.mp3', ' (2).mp3'))
  }
  const contents = await Promise.all((await readdir(library)).map((name) => readFile(path.join(library, name), 'utf8')))
  expect(contents.filter((content) => content === 'of the user')).toHaveLength(3)
})

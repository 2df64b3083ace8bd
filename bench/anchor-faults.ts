import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startFaultServer } from '../tests/_kit/fault-server.ts'
import { seededRandom } from '../tests/_kit/seeded.ts'
import { ANCHOR_CASES, ANCHOR_HELD, ANCHOR_SIZE, type AnchorCase } from '../tests/core/faults/anchor-cases.ts'
import { runOurs } from '../tests/core/faults/run-anchor.ts'

/** Prints how curl, wget, aria2 and our client stand the same nineteen answers. `npm run` has no name for it: `node bench/anchor-faults.ts`. */

interface Rival {
  readonly name: string
  readonly program: string
  readonly words: (to: { url: string; folder: string; isResumed: boolean; sha256: string }) => readonly string[]
}

const FILE = 'file.wav'
const ARIA2 = [
  '-q',
  '-c',
  '--allow-overwrite=true',
  '--auto-file-renaming=false',
  '-s1',
  '-x1',
  '--max-tries=2',
  '--retry-wait=1',
  '--timeout=5',
]

const RIVALS: readonly Rival[] = [
  {
    name: 'curl',
    program: 'curl',
    words: ({ url, folder, isResumed }) => [
      ...['-sS', '--retry', '1', '--retry-all-errors', '--max-time', '10', '-o', path.join(folder, FILE)],
      ...(isResumed ? ['-C', '-'] : []),
      url,
    ],
  },
  {
    name: 'wget',
    program: 'wget',
    words: ({ url, folder }) => ['-q', '-c', '-t', '2', '--timeout=5', '-O', path.join(folder, FILE), url],
  },
  { name: 'aria2', program: 'aria2c', words: ({ url, folder }) => [...ARIA2, '-d', folder, '-o', FILE, url] },
  {
    name: 'aria2 + sha256',
    program: 'aria2c',
    words: ({ url, folder, sha256 }) => [...ARIA2, `--checksum=sha-256=${sha256}`, '-d', folder, '-o', FILE, url],
  },
]

/** G: the right file. E: it says that it failed. X: it says that all is well, and the file is wrong. */
async function runRival(rival: Rival, of: AnchorCase): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-anchor-'))
  const server = await startFaultServer()
  try {
    const random = seededRandom(`anchor ${of.name}`)
    const content = { contentType: 'track' as const, contentId: random.uuid() }
    const bytes = random.bytes(ANCHOR_SIZE)
    let object = server.put(content, bytes)
    if (of.isResumed) await writeFile(path.join(folder, FILE), of.part?.(bytes) ?? bytes.subarray(0, ANCHOR_HELD))
    if (of.newSize !== undefined) object = server.put(content, random.bytes(of.newSize))
    server.rules.file = (request) => {
      const isFaulty = of.answer !== undefined && (of.isOnce !== true || request.number === 1)
      if (isFaulty) of.answer?.(request)
      else request.honest()
    }
    const url = `${server.address}/plain/${content.contentId}`
    const words = rival.words({ url, folder, isResumed: of.isResumed, sha256: object.sha256 })
    const child = spawn(rival.program, words, { stdio: 'ignore' })
    const [code] = (await once(child, 'exit')) as [number | null]
    const found = await readFile(path.join(folder, FILE)).catch(() => Buffer.alloc(0))
    const isRight = createHash('sha256').update(found).digest('hex') === object.sha256
    return isRight ? 'G' : code === 0 ? 'X' : 'E'
  } finally {
    await server.close()
    await rm(folder, { recursive: true })
  }
}

async function isInstalled({ program }: Rival): Promise<boolean> {
  const child = spawn(program, ['--version'], { stdio: 'ignore' })
  return await Promise.race([once(child, 'exit').then(() => true), once(child, 'error').then(() => false)])
}

const LETTER = { recovered: 'G', refused: 'E', silent: 'X', stuck: '!' } as const

const rivals: Rival[] = []
for (const rival of RIVALS) {
  if (await isInstalled(rival)) rivals.push(rival)
  else
    process.stderr.write(
      `${rival.program} is not installed: its column is left out (Debian: apt install ${rival.program.replace(/c$/, '')})\n`,
    )
}
const columns = [...rivals.map(({ name }) => name), 'ours']
const letters = new Map<string, string[]>(columns.map((name) => [name, []]))
process.stdout.write(`| case | ${columns.join(' | ')} |\n| --- | ${columns.map(() => '---').join(' | ')} |\n`)
for (const of of ANCHOR_CASES) {
  for (const rival of rivals) letters.get(rival.name)?.push(await runRival(rival, of))
  letters.get('ours')?.push(LETTER[await runOurs(of)])
  const row = columns.map((name) => letters.get(name)?.at(-1))
  process.stdout.write(`| ${of.name} ${of.what} | ${row.join(' | ')} |\n`)
}
const sums = columns.map((name) => {
  const all = letters.get(name) ?? []
  return `${all.filter((letter) => letter === 'X').length} / ${all.filter((letter) => letter === 'G').length}`
})
process.stdout.write(`| silent / good | ${sums.join(' | ')} |\n`)

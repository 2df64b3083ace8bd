/**
 * `node bench/crate-sync.ts [--tracks N] [--json]`: seconds in which a crate of N tracks (10,000) gets its folder on the library's own volume, the
 * first time and again with nothing changed, beside `cp -rl`, which makes the same links and checks, names and remembers nothing. Medians of 5 pairs.
 */
import { execFileSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type CrateTrack, syncCrate } from '../main/core/crates/sync-crate.ts'
import { realDisk } from '../main/core/library/disk.ts'

const RUNS = 5
const { values } = parseArgs({ options: { tracks: { type: 'string' }, json: { type: 'boolean' } } })
const count = Number(values.tracks ?? 10_000)
const random = { bytes: (length: number) => randomBytes(length), uuid: () => randomUUID() }

async function makeTrack(library: string, number: number): Promise<CrateTrack> {
  const name = `Nia - Track ${number} [124 8A].mp3`
  const place = path.join(library, name)
  await writeFile(place, randomBytes(200))
  const { dev, ino } = await stat(place)
  const source = {
    place,
    sha256: randomBytes(32).toString('hex'),
    audioSha256: null,
    identity: `${dev}/${ino}`,
    isAsDelivered: false,
  }
  const facts = { artist: 'Nia', title: `Track ${number}`, durationSeconds: 300, downloadBytes: 200 }
  return { trackId: randomUUID(), name, ...facts, source }
}

async function secondsOf(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

function median(runs: readonly number[]): number {
  return Number(([...runs].sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? 0).toFixed(3))
}

const root = await mkdtemp(path.join(tmpdir(), 'mixmint-bench-'))
try {
  const library = path.join(root, 'Library')
  await mkdir(library)
  const tracks: CrateTrack[] = []
  for (let number = 0; number < count; number++) tracks.push(await makeTrack(library, number))
  const libraryHas = new Set(tracks.map(({ trackId }) => trackId))
  const times = { first: [] as number[], again: [] as number[], cp: [] as number[] }
  for (let run = 0; run < RUNS; run++) {
    const folder = path.join(root, `Crate ${run}`)
    await mkdir(folder)
    const job = { crateId: randomUUID(), name: 'Friday', folder, tracks, libraryHas, twins: new Map() }
    const sync = () => syncCrate({ disk: realDisk, random }, job, false)
    times.first.push(await secondsOf(sync))
    times.again.push(await secondsOf(sync))
    times.cp.push(await secondsOf(() => execFileSync('cp', ['-rl', library, path.join(root, `Copy ${run}`)])))
  }
  const result = { tracks: count, first_s: median(times.first), again_s: median(times.again), cp_s: median(times.cp) }
  if (values.json === true) console.log(JSON.stringify(result))
  else
    console.log(
      `${count} tracks: ${result.first_s} s, again ${result.again_s} s; cp -rl ${result.cp_s} s (${(result.first_s / result.cp_s).toFixed(1)} times as long)`,
    )
} finally {
  await rm(root, { recursive: true })
}

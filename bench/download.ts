/**
 * `npm run bench:download`: the download engine against curl and aria2 on one static server, many files over the whole protocol against
 * aria2 from plain addresses, and how the queue grows. `--json` ends with one line that holds all figures; seconds and medians.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppError } from '../contract/errors.ts'
import type { Bench } from './download/bench.ts'
import { createChildren } from './download/children.ts'
import { measureMany } from './download/many.ts'
import { readOptions } from './download/options.ts'
import { profileParts } from './download/profile-parts.ts'
import { measureQueue } from './download/queue.ts'
import { type Measurements, toFigures, toTable } from './download/report.ts'
import { COMPETITORS, measureSingle } from './download/single.ts'
import { findTools, HOW_TO_INSTALL } from './download/tools.ts'

/** A benchmark that hangs is worth less than none. */
const LONGEST_MS = 20 * 60_000

async function measure(bench: Bench): Promise<Measurements> {
  const { parts, singleRuns, manyRuns } = bench.options
  const names = parts.has('single') ? Object.keys(COMPETITORS) : ['curl_sha256sum']
  const isSingle = parts.has('single') || parts.has('cpu')
  return {
    single: isSingle ? await measureSingle(bench, names, singleRuns) : null,
    many: parts.has('many') ? await measureMany(bench, manyRuns) : null,
    queue: parts.has('queue') ? await measureQueue(bench) : null,
  }
}

const children = createChildren()
const folder = mkdtempSync(path.join(tmpdir(), 'mixmint-bench-'))
async function tidyUp(): Promise<void> {
  await children.endAll()
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}
async function giveUp(why: string): Promise<void> {
  console.error(why)
  await tidyUp()
  process.exit(1)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => void giveUp(`Ended by ${signal}.`))
setTimeout(() => void giveUp(`Given up after ${LONGEST_MS / 60_000} minutes.`), LONGEST_MS).unref()

try {
  const options = readOptions(process.argv.slice(2))
  const tools = findTools()
  const bench: Bench = { options, tools, children, folder, say: (line) => console.error(line) }
  if (tools.nginx === null)
    bench.say(
      `nginx is missing: a small server of this project stands in, and every figure is slower. ${HOW_TO_INSTALL}`,
    )
  if (options.isProfiled) for (const line of await profileParts(bench)) console.log(line)
  else {
    const measurements = await measure(bench)
    for (const line of toTable(measurements)) console.log(line)
    if (options.isJson) console.log(JSON.stringify(toFigures(measurements)))
  }
  await tidyUp()
} catch (error) {
  const isExpected = error instanceof AppError
  await giveUp(isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error))
}

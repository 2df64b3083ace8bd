import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

/** A profile as V8 writes it; times in microseconds. */
const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})

const TOP = 14

/** For each thread that left a profile in `folder`, busiest first: where its own time went, as lines of text. */
export async function describeProfiles(folder: string, title: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'))
  const threads = await Promise.all(
    names.map(async (name) => selfTimes(CpuProfile.parse(JSON.parse(await readFile(path.join(folder, name), 'utf8'))))),
  )
  return threads
    .sort((a, b) => busy(b) - busy(a))
    .flatMap((times, index) => [
      `${title}, thread ${index + 1}: ${(busy(times) / 1e6).toFixed(2)} s busy`,
      ...lines(times),
    ])
}

/** Microseconds of each function's own, by its name and place. */
function selfTimes({ nodes, samples, timeDeltas }: z.infer<typeof CpuProfile>): Map<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  for (const [index, sample] of samples.entries()) {
    const name = names.get(sample) ?? '?'
    times.set(name, (times.get(name) ?? 0) + Math.max(0, timeDeltas[index] ?? 0))
  }
  return times
}

function nameOf({ functionName, url, lineNumber }: { functionName: string; url: string; lineNumber: number }): string {
  const place = url.replace(/^.*\/node_modules\//, '').replace(/^.*\/((main|server|contract|bench)\/)/, '$1')
  return `${functionName || '(anonymous)'}${place === '' ? '' : ` ${place}:${lineNumber + 1}`}`
}

const IDLE = '(idle)'

function busy(times: ReadonlyMap<string, number>): number {
  return [...times].reduce((sum, [name, time]) => (name === IDLE ? sum : sum + time), 0)
}

function lines(times: ReadonlyMap<string, number>): string[] {
  const whole = busy(times)
  return [...times]
    .filter(([name]) => name !== IDLE)
    .sort(([, a], [, b]) => b - a)
    .slice(0, TOP)
    .map(([name, time]) => `${((time / whole) * 100).toFixed(1).padStart(6)} %  ${name}`)
}

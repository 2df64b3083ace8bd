import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'

/** A profile as V8 writes it; times in microseconds. */
const CpuProfile = z.object({
  nodes: z.array(
    z.object({
      id: z.number(),
      children: z.array(z.number()).default([]),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
})
type CpuProfile = z.infer<typeof CpuProfile>
type Node = CpuProfile['nodes'][number]

const TOP = 10
const IDLE = '(idle)'
/** Time that belongs to no code of the project: starting, modules, the collector. */
const NOBODY = 'Node itself'

/** For each thread that left a profile in `folder`, busiest first: where its time went, as lines of text. */
export async function describeProfiles(folder: string, title: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.cpuprofile'))
  const threads = await Promise.all(
    names.map(async (name) => {
      const profile = CpuProfile.parse(JSON.parse(await readFile(path.join(folder, name), 'utf8')))
      return { own: ownTimes(profile, nameOf), byFile: ownTimes(profile, fileFinder(profile)) }
    }),
  )
  return threads
    .sort((a, b) => busy(b.own) - busy(a.own))
    .flatMap(({ own, byFile }, index) => [
      `${title}, thread ${index + 1}: ${(busy(own) / 1e6).toFixed(2)} s busy`,
      '  by the file of the project that it was done for',
      ...lines(byFile),
      '  by function, its own time',
      ...lines(own),
    ])
}

/** Microseconds by what `keyOf` calls each place in the code; waiting is left out. */
function ownTimes({ nodes, samples, timeDeltas }: CpuProfile, keyOf: (node: Node) => string): Map<string, number> {
  const keys = new Map(
    nodes.filter(({ callFrame }) => callFrame.functionName !== IDLE).map((node) => [node.id, keyOf(node)]),
  )
  const times = new Map<string, number>()
  for (const [index, sample] of samples.entries()) {
    const key = keys.get(sample)
    if (key !== undefined) times.set(key, (times.get(key) ?? 0) + Math.max(0, timeDeltas[index] ?? 0))
  }
  return times
}

function nameOf({ callFrame: { functionName, url, lineNumber } }: Node): string {
  const place = placeOf(url)
  return `${functionName || '(anonymous)'}${place === '' ? '' : ` ${place}:${lineNumber + 1}`}`
}

/** Finds the nearest file of the project among those that called. */
function fileFinder({ nodes }: CpuProfile): (node: Node) => string {
  const parents = new Map(nodes.flatMap((node) => node.children.map((child) => [child, node] as const)))
  return function fileOf(node: Node): string {
    for (let at: Node | undefined = node; at !== undefined; at = parents.get(at.id))
      if (isOurs(at.callFrame.url)) return placeOf(at.callFrame.url)
    return NOBODY
  }
}

function isOurs(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/')
}

function placeOf(url: string): string {
  return url.replace(/^.*\/node_modules\//, '').replace(/^.*\/((main|server|contract|bench)\/)/, '$1')
}

function busy(times: ReadonlyMap<string, number>): number {
  return [...times.values()].reduce((sum, time) => sum + time, 0)
}

function lines(times: ReadonlyMap<string, number>): string[] {
  const whole = busy(times)
  return [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, TOP)
    .map(([name, time]) => `${((time / whole) * 100).toFixed(1).padStart(7)} %  ${name}`)
}

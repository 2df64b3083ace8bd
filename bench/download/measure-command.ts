import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { Children } from './children.ts'

export interface Measured {
  readonly seconds: number
  /** User and system time of the processes. */
  readonly cpuSeconds: number
}

const LONGEST_MS = 180_000

/**
 * Runs one line of shell and measures it from its start to its end; `$1`, `$2`, … are `args`. The shell itself counts the processor time, its
 * own included, which is nothing beside what it runs. Throws with the error output when it fails.
 */
export async function measureCommand(children: Children, line: string, args: readonly string[]): Promise<Measured> {
  const began = performance.now()
  const child = children.spawn('/bin/sh', ['-c', `${line}\ncode=$?\ntimes\nexit $code`, 'measured', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS)
  const said = Promise.all([child.stdout, child.stderr].map((stream) => (stream === null ? '' : text(stream))))
  const [code] = await once(child, 'exit')
  const seconds = (performance.now() - began) / 1000
  clearTimeout(timer)
  const [out = '', errors = ''] = await said
  if (code !== 0) throw new Error(`${line}\nended with ${code}: ${errors}`)
  return { seconds, cpuSeconds: cpuSeconds(out) }
}

/** Sums what `times` prints: `0m0.02s 0m0.01s` for the shell, and again for its children. */
function cpuSeconds(times: string): number {
  const parts = [...times.matchAll(/(\d+)m([\d.]+)s/g)].slice(-4)
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}

import { globSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SOURCES = ['renderer/**/*', 'contract/**/*.ts', 'build/renderer.vite.ts', 'package-lock.json']

function newest(patterns: readonly string[]): number {
  return Math.max(0, ...globSync([...patterns], { cwd: ROOT }).map((file) => statSync(`${ROOT}${file}`).mtimeMs))
}

/** Builds the renderer when its sources are newer than what was built. */
export async function buildRenderer(): Promise<void> {
  const built = newest(['out/renderer/index.html'])
  if (built > newest(SOURCES)) return
  await build({ configFile: `${ROOT}build/renderer.vite.ts`, logLevel: 'warn' })
}

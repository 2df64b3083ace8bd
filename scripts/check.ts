/** `npm run check`: format, lint, types and import rules; every step runs, and each failure is shown. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const at = (file: string): string => fileURLToPath(new URL(`../${file}`, import.meta.url))
const steps: readonly (readonly [title: string, file: string, ...args: string[]])[] = [
  ['format and lint', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'],
  ['lint with types', 'node_modules/oxlint/bin/oxlint'],
  ['types', 'node_modules/typescript/bin/tsc', '-b'],
  [
    'import rules',
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    ...['contract', 'main', 'preload', 'renderer', 'server', 'scripts', 'build'],
    '--config',
    '.dependency-cruiser.cjs',
  ],
  ['generated types', 'scripts/generate-types.ts', '--check'],
]

let failed = 0
for (const [title, file, ...args] of steps) {
  const started = performance.now()
  const { status } = spawnSync(process.execPath, [at(file), ...args], { cwd: at('.'), stdio: 'inherit' })
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${title} (${seconds} s)`)
  if (status !== 0) failed += 1
}
process.exitCode = failed === 0 ? 0 : 1

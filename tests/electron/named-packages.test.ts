import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Every module that a file loads, statically or not. */
function loadedBy(pattern: string): ReadonlySet<string> {
  const files = globSync(pattern, { cwd: ROOT }).filter((file) => !/\.test\.tsx?$/.test(file))
  const sources = files.map((file) => readFileSync(path.join(ROOT, file), 'utf8'))
  const imports = /(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g
  return new Set(sources.flatMap((source) => [...source.matchAll(imports)].map(([, name]) => name ?? '')))
}

test.each([
  ['electron', 'main/hosts/electron/**/*.ts'],
  ['electron-store', 'main/hosts/electron/**/*.ts'],
  ['react', 'renderer/**/*.{ts,tsx}'],
  ['zustand', 'renderer/**/*.{ts,tsx}'],
  ['@supabase/supabase-js', 'main/core/**/*.ts'],
  ['got', 'main/core/**/*.ts'],
  ['music-metadata', 'main/core/**/*.ts'],
  ['@playwright/test', 'tests/e2e/**/*.ts'],
])('R-DC-02: %s is what %s is built on', (name, pattern) => {
  expect(loadedBy(pattern)).toContain(name)
})

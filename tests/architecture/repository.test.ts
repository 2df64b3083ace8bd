import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((file) => file !== '')
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')

describe('the repository', () => {
  test('R-DC-01: the top level holds what the design names', () => {
    for (const name of [
      'main',
      'renderer',
      'preload',
      'server',
      'build',
      'electron-builder.yml',
      'package.json',
      'tsconfig.json',
    ])
      expect(existsSync(path.join(ROOT, name)), name).toBe(true)
  })

  test('R-MM-89: all sources are TypeScript, and every project is strict', () => {
    const sources = tracked.filter((file) => /^(main|renderer|preload|server|contract)\//.test(file))
    expect(sources.filter((file) => /\.(js|jsx|mjs|cjs)$/.test(file))).toEqual([])
    expect(JSON.parse(read('tsconfig.base.json')).compilerOptions.strict).toBe(true)
    for (const folder of ['contract', 'main', 'preload', 'renderer', 'server', 'scripts', 'tests']) {
      const { extends: base, compilerOptions } = JSON.parse(read(`${folder}/tsconfig.json`))
      expect(base).toBe('../tsconfig.base.json')
      expect(compilerOptions.strict).toBeUndefined()
    }
  })

  test('R-DC-02: every named package is imported by code of the product or its tests', () => {
    const code = tracked
      .filter((file) => /\.(ts|tsx)$/.test(file))
      .map(read)
      .join('\n')
    for (const name of [
      'electron',
      'react',
      'zustand',
      '@supabase/supabase-js',
      'got',
      'electron-store',
      'music-metadata',
      '@playwright/test',
    ])
      expect(code, name).toMatch(new RegExp(`(from |import\\(|import )['"]${name.replace('/', '\\/')}['"]`))
    // Loaded by a variable name: the compiler must not ask for a package that may not be installed.
    expect(read('main/adapters/keytar-secret-store.ts')).toMatch(/name = 'keytar'[\s\S]*import\(name\)/)
    expect(JSON.parse(read('package.json')).devDependencies['electron-builder']).toBeDefined()
  })

  test('the lockfile names no download address', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved":/)
  })

  test('every dependency is pinned exactly', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json'))
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies }))
      expect(version, name).toMatch(/^\d+\.\d+\.\d+(-[\w.]+)?$/)
  })
})

import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)

/** A small tree with every kind of folder, in which each violation is planted alone. */
const GOOD_TREE: Readonly<Record<string, string>> = {
  'contract/call.ts': 'export const call = 1',
  'main/core/core.ts': "export { call } from '../../contract/call.ts'",
  'main/core/ports.ts': 'export const ports = 1',
  'main/adapters/clock.ts': "export { ports } from '../core/ports.ts'",
  'main/hosts/cli/main.ts': "export { call } from '../../core/core.ts'",
  'main/hosts/electron/main.ts': "export { call } from '../../core/core.ts'",
  'preload/index.ts': "export { call } from '../contract/call.ts'",
  'renderer/app/main.ts': "export { store } from '../features/store/screen.ts'",
  'renderer/features/store/screen.ts': "export { button as store } from '../../shared/button.ts'",
  'renderer/features/library/screen.ts': 'export const library = 1',
  'renderer/shared/button.ts': 'export const button = 1',
  'server/http/route.ts': 'export const route = 1',
  'server/db/database.ts': "export * from 'kysely'",
  ...Object.fromEntries(
    ['audit', 'identity', 'catalogue', 'entitlements', 'crates', 'delivery', 'commerce'].flatMap((domain) => [
      [`server/domains/${domain}/public.ts`, `export const ${domain} = 1`],
      [`server/domains/${domain}/rows.ts`, 'export const rows = 1'],
    ]),
  ),
  'server/domains/delivery/rules.ts': "export { call } from '../../../contract/call.ts'",
}

const VIOLATIONS: readonly (readonly [rule: string, file: string, source: string])[] = [
  ['contract-stands-alone', 'contract/bad.ts', "import '../main/core/core.ts'"],
  ['contract-needs-zod-alone', 'contract/bad.ts', "import 'kysely'"],
  ['core-sees-contract', 'main/core/bad.ts', "import '../hosts/cli/main.ts'"],
  ['core-sees-contract', 'main/core/bad.ts', "import '../adapters/clock.ts'"],
  ['electron-lives-in-its-host', 'main/core/bad.ts', "import 'electron'"],
  ['adapters-implement-ports', 'main/adapters/bad.ts', "import '../hosts/cli/main.ts'"],
  ['adapters-implement-ports', 'main/adapters/bad.ts', "import '../core/core.ts'"],
  ['hosts-compose-core', 'main/hosts/cli/bad.ts', "import '../electron/main.ts'"],
  ['preload-sees-contract', 'preload/bad.ts', "import '../main/core/core.ts'"],
  ['renderer-sees-contract', 'renderer/app/bad.ts', "import '../../main/core/core.ts'"],
  ['no-node-in-the-renderer', 'renderer/app/bad.ts', "import 'node:fs'"],
  ['features-are-islands', 'renderer/features/store/bad.ts', "import '../library/screen.ts'"],
  ['renderer-flows-down', 'renderer/shared/bad.ts', "import '../app/main.ts'"],
  ['shared-ui-knows-no-feature', 'renderer/shared/bad.ts', "import '../features/library/screen.ts'"],
  ['server-sees-contract', 'server/http/bad.ts', "import '../../main/core/core.ts'"],
  ['domains-meet-in-public', 'server/domains/delivery/bad.ts', "import '../entitlements/rows.ts'"],
  ['entitlements-needs-only', 'server/domains/entitlements/bad.ts', "import '../delivery/public.ts'"],
  ['rules-are-pure', 'server/domains/catalogue/rules.ts', "import './rows.ts'"],
  ['domains-know-no-http', 'server/domains/identity/bad.ts', "import '../../http/route.ts'"],
  ['vendors-live-in-adapters', 'server/domains/commerce/bad.ts', "import '@aws-sdk/client-s3'"],
  ['sql-lives-in-rows', 'server/domains/commerce/bad.ts', "import 'kysely'"],
  ['no-cycles', 'main/core/ports.ts', "import '../core/core.ts'; export const ports = 1"],
  ['everything-resolves', 'server/http/bad.ts', "import './nowhere.ts'"],
]

describe('the import rules', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(path.join(ROOT, '.tmp-rules-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  async function plant(extra: Readonly<Record<string, string>>): Promise<string[]> {
    const tree = await mkdtemp(path.join(folder, 'tree-'))
    const files = { ...GOOD_TREE, ...extra }
    if ('main/core/ports.ts' in extra) files['main/core/core.ts'] = "export * from './ports.ts'"
    for (const [file, source] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(tree, file)), { recursive: true })
      await writeFile(path.join(tree, file), `${source}\n`)
    }
    await cp(path.join(ROOT, '.dependency-cruiser.cjs'), path.join(tree, '.dependency-cruiser.cjs'))
    await cp(path.join(ROOT, 'tsconfig.base.json'), path.join(tree, 'tsconfig.base.json'))
    await writeFile(path.join(tree, 'package.json'), '{"type":"module"}')
    await symlink(path.join(ROOT, 'node_modules'), path.join(tree, 'node_modules'))
    const cruiser = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs')
    const args = [
      cruiser,
      'contract',
      'main',
      'preload',
      'renderer',
      'server',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
    ]
    const { stdout } = await run(process.execPath, args, { cwd: tree, maxBuffer: 1e8 }).catch(
      (error: { stdout: string }) => error,
    )
    const report = JSON.parse(stdout) as { summary: { violations: { rule: { name: string } }[]; totalCruised: number } }
    expect(report.summary.totalCruised).toBeGreaterThan(20)
    return report.summary.violations.map(({ rule }) => rule.name)
  }

  test('a tree that keeps them has no violation', async () => {
    expect(await plant({})).toEqual([])
  })

  test.each(VIOLATIONS)('%s is caught in %s', async (rule, file, source) => {
    expect(await plant({ [file]: source })).toContain(rule)
  })

  test('every folder of server/domains has a rule, and every rule a folder', async () => {
    const { forbidden } = createRequire(import.meta.url)(path.join(ROOT, '.dependency-cruiser.cjs')) as {
      forbidden: { name: string }[]
    }
    const domains = forbidden.flatMap(({ name }) => /^(.+)-needs-only$/.exec(name)?.[1] ?? [])
    const folders = await readdir(path.join(ROOT, 'server/domains'))
    expect([...domains].sort()).toEqual(folders.sort())
  })
})

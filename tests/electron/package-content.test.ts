import { spawnSync } from 'node:child_process'
import { globSync, statSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type PackagedFolder, packageFolder } from '../../scripts/package/package-folder.ts'
import { packageProblems } from '../../scripts/package/package-problems.ts'
import { type Asar, readAsar } from '../../scripts/package/read-asar.ts'
import { runBuild } from './run-build.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SOURCES = ['{main,preload,renderer,contract,build}/**/*.{ts,tsx,css,html}', 'package-lock.json']
let output = ''
let packaged: PackagedFolder
let asar: Asar

/** When the last of the files was written, in ms; 0 when there are none. */
function newest(patterns: readonly string[]): number {
  return Math.max(0, ...globSync([...patterns], { cwd: ROOT }).map((file) => statSync(path.join(ROOT, file)).mtimeMs))
}

beforeAll(async () => {
  if (newest(['out/main.mjs']) < newest(SOURCES)) runBuild('app.ts')
  await mkdir(path.join(ROOT, '.tmp'), { recursive: true })
  output = await mkdtemp(path.join(ROOT, '.tmp/package-'))
  packaged = await packageFolder({ stub: true, output })
  asar = await readAsar(path.join(packaged.resources, 'app.asar'))
}, 180_000)

afterAll(() => rm(output, { recursive: true, force: true }))

describe('R-DC-27: what is in the package', () => {
  test('R-DC-27: it holds what it must and nothing of the server, the tests, the seed or the secrets', async () => {
    expect(await packageProblems(packaged.resources)).toEqual([])
    expect(asar.entries.length).toBeGreaterThan(20)
  })

  test('R-DC-27: the native parts of both keychain modules lie beside the archive', () => {
    const natives = asar.entries.filter(({ path: name }) => name.endsWith('.node'))
    expect(natives.every(({ isUnpacked }) => isUnpacked)).toBe(true)
    expect(natives.map(({ path: name }) => name)).toEqual([
      expect.stringMatching(/@napi-rs\/keyring-.*\.node$/),
      'node_modules/keytar/build/Release/keytar.node',
    ])
  })

  test('R-DC-27: the executable is the stub, and says so when it is started', () => {
    expect(packaged.isStub).toBe(true)
    const { status, stderr } = spawnSync(path.join(output, 'linux-unpacked/mixmint'), { encoding: 'utf8' })
    expect(status).toBe(70)
    expect(stderr).toContain('stand-in')
  })

  test('R-DC-27: the packed main module is the built one, byte for byte', async () => {
    const packed = await asar.read('out/main.mjs')
    expect(packed.equals(await readFile(path.join(ROOT, 'out/main.mjs')))).toBe(true)
    expect(JSON.parse((await asar.read('package.json')).toString('utf8'))).toMatchObject({ main: 'out/main.mjs' })
  })
})

describe('R-DC-27: a package that is not right is noticed', () => {
  const plants: readonly (readonly [what: string, text: string, problem: RegExp])[] = [
    ['a service role key', 'const role = "service_role"', /service role key/],
    ['a private key', '-----BEGIN EC PRIVATE KEY-----', /private key/],
    ['a payment key', 'sk_live_51abcdef', /payment key/],
    ['a database', 'postgres://mixmint:pw@db/mixmint', /address of a database/],
    ['an address without TLS', 'fetch("http://api.example.com/")', /names http:\/\/api\.example\.com/],
    ['a folder of this computer', ROOT, /folder of the computer/],
    ['a source map', '//# sourceMappingURL=x.map', /source map/],
  ]

  test.each(plants)('R-DC-27: %s in the built files', async (_, text, problem) => {
    expect((await problemsWith({ 'out/extra.mjs': text })).join('\n')).toMatch(problem)
  })

  test.each(['server/main.ts', '.env', 'tests/x.ts', 'out/main.mjs.map', 'node_modules/fastify/fastify.js'])(
    'R-DC-27: %s in the archive',
    async (name) => {
      expect(await problemsWith({ [name]: 'x' })).toContain(`${name} is not wanted.`)
    },
  )

  test('R-DC-27: a missing native part', async () => {
    const folder = await mkdtemp(path.join(ROOT, '.tmp/broken-'))
    await cp(path.join(packaged.resources, 'app.asar'), path.join(folder, 'app.asar'))
    const problems = await packageProblems(folder)
    await rm(folder, { recursive: true })
    expect(problems.filter((problem) => problem.includes('is not beside the archive'))).toHaveLength(2)
  })

  /** The problems of an archive with these files alone; a small writer of the format, so that the reader is tried on another's work too. */
  async function problemsWith(files: Readonly<Record<string, string>>): Promise<string[]> {
    interface Node {
      files: Record<string, Node | { offset: string; size: number }>
    }
    const header: Node = { files: {} }
    let offset = 0
    for (const [name, text] of Object.entries(files)) {
      const parts = name.split('/')
      const last = parts.pop() ?? ''
      let node = header
      for (const part of parts) {
        const inner: Node = { files: {} }
        node.files[part] = inner
        node = inner
      }
      node.files[last] = { offset: String(offset), size: Buffer.byteLength(text) }
      offset += Buffer.byteLength(text)
    }
    const json = Buffer.from(JSON.stringify(header))
    const padding = Buffer.alloc((4 - (json.length % 4)) % 4)
    const prelude = Buffer.alloc(16)
    prelude.writeUInt32LE(4, 0)
    prelude.writeUInt32LE(8 + json.length + padding.length, 4)
    prelude.writeUInt32LE(4 + json.length + padding.length, 8)
    prelude.writeUInt32LE(json.length, 12)
    const folder = await mkdtemp(path.join(ROOT, '.tmp/planted-'))
    const content = Buffer.from(Object.values(files).join(''))
    await writeFile(path.join(folder, 'app.asar'), Buffer.concat([prelude, json, padding, content]))
    const problems = await packageProblems(folder)
    await rm(folder, { recursive: true })
    return problems
  }
})

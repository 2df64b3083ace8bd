import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataFolderOf, type ElectronPlace, electronConfig, serverOfBuild } from './electron-config.ts'

let folder = ''
const PACKAGED: ElectronPlace = {
  isPackaged: true,
  appFolder: '/opt/MixMint/resources/app.asar',
  userData: '/home/nova/.config/MixMint',
  music: '/home/nova/Music',
}
const HOSTILE = {
  MIXMINT_MODE: 'local',
  MIXMINT_DATA_DIR: '/tmp/elsewhere',
  MIXMINT_SERVER_URL: 'https://evil.example',
  MIXMINT_LOG: 'debug',
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-config-'))
  await mkdir(path.join(folder, 'build'))
})
afterAll(() => rm(folder, { recursive: true }))

test('R-DC-05: the environment does not tell a package whom to trust or where to write', () => {
  expect(electronConfig(HOSTILE, PACKAGED, 'https://store.example')).toMatchObject({
    mode: 'production',
    serverAddress: 'https://store.example',
    dataFolder: '/home/nova/.config/MixMint/data',
    defaultLibrary: '/home/nova/Music/MixMint',
    logLevel: 'debug',
  })
})

test('a package without a server does not start', () => {
  expect(() => electronConfig({}, PACKAGED, null)).toThrow('MIXMINT_SERVER_URL is missing')
})

test('in development the environment says everything', () => {
  const place = { ...PACKAGED, isPackaged: false, appFolder: '/project' }
  expect(dataFolderOf({}, place)).toBe('/project/.mixmint')
  expect(electronConfig({ MIXMINT_SERVER_URL: 'http://127.0.0.1:4871/' }, place, null)).toMatchObject({
    mode: 'local',
    serverAddress: 'http://127.0.0.1:4871',
    defaultLibrary: '/project/.mixmint/Library',
  })
})

test.each([
  ['{"serverUrl":null}', null],
  ['{"serverUrl":"https://store.example/"}', 'https://store.example'],
])('the server of the build: %s', async (text, expected) => {
  await writeFile(path.join(folder, 'build/app-config.json'), text)
  expect(serverOfBuild(folder)).toBe(expected)
})

test.each(['', '{}', '{"serverUrl":"store"}', '{"serverUrl":1}'])(
  'a damaged file of the build stops the start: %j',
  async (text) => {
    await writeFile(path.join(folder, 'build/app-config.json'), text)
    expect(() => serverOfBuild(folder)).toThrow()
  },
)

test('fault 38: a package follows the proxy of the network: it carries what it can not read', () => {
  const env = { ...HOSTILE, https_proxy: 'http://proxy.example:3128' }
  expect(electronConfig(env, PACKAGED, 'https://store.example').proxyFor('https://store.example')).toBe(
    'http://proxy.example:3128',
  )
})

import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { readDesktopConfig } from './desktop-config.ts'

const read = (env: NodeJS.ProcessEnv) => readDesktopConfig(env, '/project')

test('without any setting it is local, over the data of the project', () => {
  expect(read({})).toMatchObject({
    mode: 'local',
    dataFolder: path.resolve('/project/.mixmint'),
    defaultLibrary: path.resolve('/project/.mixmint/Library'),
    serverAddress: null,
    port: 4870,
    mayOpenBrowser: true,
    secretStore: 'auto',
    vaultPassphrase: null,
  })
})

describe('addresses of the server', () => {
  test.each([
    ['https://store.mixmint.example/', 'https://store.mixmint.example'],
    ['http://127.0.0.1:4871', 'http://127.0.0.1:4871'],
    ['http://localhost:4871/', 'http://localhost:4871'],
    ['http://[::1]:4871', 'http://[::1]:4871'],
  ])('%s', (given, address) => {
    expect(read({ MIXMINT_SERVER_URL: given }).serverAddress).toBe(address)
  })

  test.each([
    'http://store.mixmint.example',
    'ftp://127.0.0.1',
    'file:///etc',
    'nonsense',
    'http://127.0.0.1.evil.example',
  ])('%s is refused: a session would cross the network in clear, or go nowhere', (given) => {
    expect(() => read({ MIXMINT_SERVER_URL: given })).toThrow(expect.objectContaining({ code: 'invalid-config' }))
  })
})

test('every problem is named at once', () => {
  const env = {
    MIXMINT_MODE: 'staging',
    MIXMINT_PORT: '99999',
    MIXMINT_SECRET_STORE: 'paper',
    MIXMINT_LOG: 'loud',
    MIXMINT_SERVER_URL: 'http://evil.example',
    MIXMINT_PROXY: 'socks5://proxy:1080',
  }
  for (const name of Object.keys(env)) expect(() => read(env)).toThrow(new RegExp(name))
})

test('production needs its server', () => {
  expect(() => read({ MIXMINT_MODE: 'production' })).toThrow(/MIXMINT_SERVER_URL is missing/)
})

test('fault 38: the server is reached through the proxy of the environment, one on this computer only through a proxy that is named for it', () => {
  const { proxyFor } = read({ HTTPS_PROXY: 'http://proxy.example:3128', NO_PROXY: 'inside.example' })
  expect(proxyFor('https://store.example')).toBe('http://proxy.example:3128')
  expect(proxyFor('https://inside.example')).toBeNull()
  expect(proxyFor('http://127.0.0.1:4871')).toBeNull()
  expect(read({ MIXMINT_PROXY: 'http://127.0.0.1:8080' }).proxyFor('http://127.0.0.1:4871')).toBe(
    'http://127.0.0.1:8080',
  )
})

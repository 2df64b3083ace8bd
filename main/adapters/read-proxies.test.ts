import { describe, expect, test } from 'vitest'
import { readProxies } from './read-proxies.ts'

const read = (env: NodeJS.ProcessEnv) => readProxies(env, [])
const STORE = 'https://store.example/api'

describe('fault 38: the proxy of the network', () => {
  test('without one everything is reached straight', () => {
    expect(read({})(STORE)).toBeNull()
    expect(read({ HTTPS_PROXY: '', MIXMINT_PROXY: '' })(STORE)).toBeNull()
  })

  test('there is one for each scheme, and one for both', () => {
    const both = read({ HTTPS_PROXY: 'http://secure:3128', http_proxy: 'plain.example' })
    expect([both(STORE), both('http://store.example/')]).toEqual(['http://secure:3128', 'http://plain.example'])
    expect(read({ ALL_PROXY: 'http://all:1' })('http://store.example/')).toBe('http://all:1')
    expect(read({ HTTPS_PROXY: 'http://great:1', https_proxy: 'http://small:2' })(STORE)).toBe('http://small:2')
  })

  test('the name and password for it are kept as they were written', () => {
    expect(read({ HTTPS_PROXY: 'http://a%40b:p%3Aw@proxy:3128/' })(STORE)).toBe('http://a%40b:p%3Aw@proxy:3128')
  })

  test.each(['http://127.0.0.1:4871/', 'https://localhost/', 'http://[::1]:4871/', 'http://demo.localhost/'])(
    'this computer is never reached through one of the network: %s',
    (url) => {
      const env = { HTTPS_PROXY: 'http://proxy:1', HTTP_PROXY: 'http://proxy:1', ALL_PROXY: 'http://proxy:1' }
      expect(read(env)(url)).toBeNull()
      expect(read({ ...env, NO_PROXY: '*', MIXMINT_PROXY: 'http://own:2' })(url)).toBe('http://own:2')
    },
  )

  test.each([
    ['store.example', true],
    ['.example', true],
    ['*.example', true],
    ['other.example, EXAMPLE', true],
    ['a b store.example:443', true],
    ['*', true],
    ['store.example:8443', false],
    ['ore.example', false],
    ['shop.store.example', false],
    ['', false],
  ])('NO_PROXY %j names the store: %s', (list, isExcepted) => {
    expect(read({ HTTPS_PROXY: 'http://proxy:1', NO_PROXY: list })(STORE)).toBe(isExcepted ? null : 'http://proxy:1')
  })

  test.each(['socks5://proxy:1080', 'https://proxy:443', 'http://', '://', 'nonsense://x'])(
    'one that can not be used counts as none, and is named where it was meant for this program: %s',
    (text) => {
      expect(read({ HTTPS_PROXY: text, ALL_PROXY: text })(STORE)).toBeNull()
      const problems: string[] = []
      readProxies({ MIXMINT_PROXY: text }, problems)
      expect(problems).toEqual([expect.stringContaining('MIXMINT_PROXY')])
    },
  )
})

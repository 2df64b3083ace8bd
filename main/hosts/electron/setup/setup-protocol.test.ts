import { expect, test } from 'vitest'
import { AppError } from '../../../../contract/errors.ts'
import { systemRandom } from '../../../adapters/system-random.ts'
import { readTypedAddress } from './server-address.ts'
import { createSetupProtocol } from './setup-protocol.ts'

test.each([
  ['store.example', 'https://store.example'],
  [' https://store.example/anything?x#y ', 'https://store.example'],
  ['HTTPS://Store.Example:8443', 'https://store.example:8443'],
  ['http://127.0.0.1:4871', 'http://127.0.0.1:4871'],
  ['http://localhost:4871/', 'http://localhost:4871'],
  ['http://store.example', null],
  ['ftp://store.example', null],
  ['file:///etc/passwd', null],
  ['javascript:alert(1)', null],
  ['https://user:pw@store.example', null],
  ['two words', null],
  ['', null],
  ['https://', null],
  [`${'a'.repeat(301)}.example`, null],
])('what was typed, %j, is the server %s', (typed, origin) => {
  expect(readTypedAddress(typed)).toBe(origin)
})

function ask(probe: (origin: string) => Promise<void>) {
  const chosen: string[] = []
  const answer = createSetupProtocol({ random: systemRandom, probe, onChosen: (origin) => chosen.push(origin) })
  return { chosen, get: (path: string, init?: RequestInit) => answer(new Request(`app://setup${path}`, init)) }
}

test('the question has a form and no script, under a policy that allows neither more', async () => {
  const { get } = ask(async () => {})
  const page = await get('/')
  const text = await page.text()
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(text).toContain('<form action="app://setup/choose" method="get">')
  expect(text).not.toContain('<script')
  expect(policy).toContain("default-src 'none'")
  expect(policy).not.toContain('script-src')
  const [, nonce] = /style-src 'nonce-([^']+)'/.exec(policy) ?? []
  expect(text).toContain(`<style nonce="${nonce}">`)
})

test('a server that answers is chosen', async () => {
  const { chosen, get } = ask(async () => {})
  await get('/choose?address=store.example')
  expect(chosen).toEqual(['https://store.example'])
})

test.each([
  ['nonsense here', async () => {}, 'not the address of a store'],
  ['store.example', () => Promise.reject(new AppError('offline')), 'Nothing answers'],
  ['store.example', () => Promise.reject(new AppError('untrusted-server')), 'not a MixMint store'],
])('%s is asked again with a reason', async (typed, probe, reason) => {
  const { chosen, get } = ask(probe)
  const text = await (await get(`/choose?address=${encodeURIComponent(typed)}`)).text()
  expect(text).toContain(reason)
  expect(text).toContain(`value="${typed}"`)
  expect(chosen).toEqual([])
})

test('what was typed is shown as text', async () => {
  const { get } = ask(async () => {})
  const text = await (await get(`/choose?address=${encodeURIComponent('"><script>alert(1)</script>')}`)).text()
  expect(text).not.toContain('<script')
})

test('only this page, by GET', async () => {
  const { get } = ask(async () => {})
  expect((await get('/', { method: 'POST' })).status).toBe(404)
})

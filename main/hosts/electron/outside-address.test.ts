import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mayOpenOutside } from './outside-address.ts'

const LOCAL = 'http://127.0.0.1:4871'

test.each([
  ['https://checkout.stripe.com/c/pay/1', LOCAL],
  ['https://store.example/track/1', null],
  ['http://127.0.0.1:4871/sandbox/pay/1', LOCAL],
])('R-DC-05: the browser opens %s', (address, server) => {
  expect(mayOpenOutside(address, server)).toBe(true)
})

test.each([
  ['http://127.0.0.1:4871/', null],
  ['http://127.0.0.1:4872/', LOCAL],
  ['http://localhost:4871/', LOCAL],
  ['http://store.example/', 'https://store.example'],
  ['http://store.example/', 'http://store.example'],
  ['https://user@store.example/', LOCAL],
  ['https://user:pw@store.example/', LOCAL],
  ['file:///etc/passwd', LOCAL],
  ['smb://evil/share', LOCAL],
  ['ms-msdt:/id PCWDiagnostic', LOCAL],
  ['search-ms:query=x', LOCAL],
  ['javascript:alert(1)', LOCAL],
  ['data:text/html,x', LOCAL],
  ['mixmint://track/1', LOCAL],
  ['mailto:a@b.example', LOCAL],
  ['vscode://file/etc/passwd', LOCAL],
  ['C:\\Windows\\System32\\calc.exe', LOCAL],
  ['\\\\evil\\share\\x.exe', LOCAL],
  ['/usr/bin/env', LOCAL],
  ['', LOCAL],
  [`https://store.example/${'x'.repeat(4000)}`, LOCAL],
])('R-DC-05: the system is not asked to open %s', (address, server) => {
  expect(mayOpenOutside(address, server)).toBe(false)
})

test('R-DC-05: whatever the text, only https and the server on this computer pass', () => {
  const schemes = fc.constantFrom('', 'https://', 'http://', 'file://', 'smb://', 'ms-word:', 'javascript:', 'https:/')
  fc.assert(
    fc.property(schemes, fc.webUrl(), fc.string({ unit: 'binary', maxLength: 60 }), (scheme, url, text) => {
      for (const address of [scheme + text, url + text, text])
        if (mayOpenOutside(address, LOCAL))
          expect([new URL(address).protocol, new URL(address).origin]).toEqual(
            new URL(address).origin === LOCAL ? ['http:', LOCAL] : ['https:', new URL(address).origin],
          )
    }),
    { numRuns: 5000 },
  )
})

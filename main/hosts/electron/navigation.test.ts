import { describe, expect, test } from 'vitest'
import { mayNavigate, mayRequest } from './navigation.ts'

const APP = 'app://mixmint/'

describe('R-DC-05: where a page may go', () => {
  test.each([
    APP,
    'app://mixmint',
    'app://mixmint/index.html',
    'app://mixmint/#/track/1',
    'app://mixmint/?a=https://evil',
  ])('within the app: %s', (url) => {
    expect(mayNavigate(APP, url)).toBe(true)
  })

  test('the first start asks within itself, and neither page leads to the other', () => {
    expect(mayNavigate('app://setup/', 'app://setup/choose?address=store.example')).toBe(true)
    expect(mayNavigate('app://setup/', APP)).toBe(false)
    expect(mayNavigate(APP, 'app://setup/')).toBe(false)
  })

  test.each(['', 'about:blank', 'https://mixmint/', 'not an address'])('a page at %j goes nowhere', (current) => {
    expect(mayNavigate(current, APP)).toBe(false)
  })

  test.each([
    '',
    ' ',
    'about:blank',
    'about:srcdoc',
    'https://mixmint/',
    'http://mixmint/',
    'https://evil.example/',
    'https://evil.example/app://mixmint/',
    '//mixmint/',
    '/index.html',
    'index.html',
    'app:mixmint',
    'app:/mixmint/',
    'app:///mixmint/',
    'app://',
    'app://mixmint.evil.example/',
    'app://evil.mixmint/',
    'app://mixmint.',
    'app://mixmint:80/',
    'app://mixmint:1@evil/',
    'app://mixmint@evil/',
    'app://user@mixmint/',
    'app://user:pw@mixmint/',
    'app://MIXMINT/',
    'app://mixmint%00/',
    'app://mixmint%2eevil/',
    'app://mixmınt/',
    'app://xn--mixmnt-r9a/',
    'app:\\\\mixmint\\',
    'appx://mixmint/',
    'xapp://mixmint/',
    'media://mixmint/cover/1',
    'mixmint://track/1',
    'file:///etc/passwd',
    'file://mixmint/etc/passwd',
    'data:text/html,<script>alert(1)</script>',
    'blob:app://mixmint/1',
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'view-source:app://mixmint/',
    'filesystem:app://mixmint/temporary/x',
    'chrome://settings/',
    'devtools://devtools/bundled/inspector.html',
    'chrome-extension://abcdefgh/x.html',
    'ftp://evil.example/',
    'smb://evil.example/share',
    'ms-settings:privacy',
    'vbscript:msgbox(1)',
    'ws://mixmint/',
    'intent://mixmint/#Intent;scheme=app;end',
  ])('not to %j', (url) => {
    expect(mayNavigate(APP, url)).toBe(false)
  })
})

test.each([
  'https://mixmint/',
  'http://localhost:4871/',
  'wss://evil/',
  'file:///etc/passwd',
  'appx://mixmint/',
  'x',
  '',
])('R-DC-05: a page loads nothing from %j', (url) => {
  expect(mayRequest(url)).toBe(false)
})

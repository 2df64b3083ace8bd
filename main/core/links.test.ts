import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readLink } from './links.ts'

const ID = '7f1d3f0e-3c55-4b8a-9d2e-0a1b2c3d4e5f'

describe('R-DC-06: links open the app at the right place', () => {
  test.each([
    ['mixmint://auth/callback?code=abc-123', { type: 'finish-sign-in', code: 'abc-123' }],
    ['/return/auth?code=abc-123', { type: 'finish-sign-in', code: 'abc-123' }],
    [`mixmint://payment/${ID}`, { type: 'check-payment', paymentId: ID }],
    [`/return/payment?payment=${ID}`, { type: 'check-payment', paymentId: ID }],
    [`/return/payment/${ID}`, { type: 'check-payment', paymentId: ID }],
    [`mixmint://track/${ID}`, { type: 'navigate', route: `/track/${ID}` }],
    [`mixmint://pack/${ID}/`, { type: 'navigate', route: `/pack/${ID}` }],
    ['mixmint://dj/dj-nova', { type: 'navigate', route: '/dj/dj-nova' }],
    ['mixmint://kit/dj-nova', { type: 'navigate', route: '/dj/dj-nova' }],
    ['mixmint://library', { type: 'navigate', route: '/library' }],
  ])('%s', (link, action) => {
    expect(readLink(link)).toEqual(action)
  })

  test.each([
    '',
    'mixmint://',
    'mixmint://auth/callback',
    'mixmint://auth/callback?code=a b',
    'mixmint://auth/callback?code=<script>',
    'mixmint://auth/elsewhere?code=abc',
    'mixmint://payment/not-an-id',
    'mixmint://track/../../etc/passwd',
    `mixmint://track/${ID}/more`,
    'mixmint://dj/UPPER',
    'mixmint://dj/..%2f..',
    'mixmint://admin',
    'mixmint://settings',
    'mixmint://open?url=https://evil.example',
    'https://evil.example/return/auth?code=abc',
    '//evil.example/return/auth?code=abc',
    '/call/identity.signOut',
    'javascript:alert(1)',
    'file:///etc/passwd',
    `mixmint://track/${ID}?${'x'.repeat(2000)}`,
  ])('ignores %s', (link) => {
    expect(readLink(link)).toBeNull()
  })

  test('whatever the text, a route holds known words and ids only', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.constantFrom('mixmint://', '/return/', ''),
        (text, start) => {
          const action = readLink(start + text)
          if (action?.type === 'navigate') expect(action.route).toMatch(/^\/[a-z0-9/-]+$/)
          if (action?.type === 'finish-sign-in') expect(action.code).toMatch(/^[\w.~-]{1,500}$/)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

import { expect, test } from 'vitest'
import { isOpenable } from './openable-address.ts'

const OWN = ['http://127.0.0.1:4871', 'https://store.mixmint.example']

test.each([
  'http://127.0.0.1:4871/sandbox/pay/1',
  'https://store.mixmint.example/track/1',
  'https://checkout.stripe.com/c/pay/cs_1',
  'https://accounts.google.com/o/oauth2/v2/auth?x=1',
  'https://abcd.supabase.co/auth/v1/authorize?provider=google',
])('opens %s', (address) => {
  expect(isOpenable(address, OWN)).toBe(true)
})

test.each([
  'http://127.0.0.1:4872/',
  'http://checkout.stripe.com/c/pay/cs_1',
  'https://checkout.stripe.com.evil.example/',
  'https://evil.example/?https://checkout.stripe.com',
  'https://user@checkout.stripe.com/',
  'https://checkout.stripe.com:8443/',
  'https://evil-supabase.co/',
  'https://supabase.co.evil.example/',
  'http://store.mixmint.example/',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'smb://host/share',
  'ms-settings:privacy',
  'mixmint://track/1',
  'data:text/html,x',
  'not an address',
])('refuses %s', (address) => {
  expect(isOpenable(address, OWN)).toBe(false)
})

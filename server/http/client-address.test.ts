import { describe, expect, it } from 'vitest'
import { clientAddress, networkOf, normalAddress } from './client-address.ts'

const PROXIES = ['10.0.0.0/8', '192.0.2.7', '2001:db8:ffff::/48']

describe('the address of a client', () => {
  it.each([
    ['the socket, when nobody forwards', '203.0.113.5', undefined, PROXIES, '203.0.113.5'],
    ['the socket, when no proxy is trusted', '203.0.113.5', '198.51.100.9', [], '203.0.113.5'],
    ['the socket, when it is no trusted proxy', '203.0.113.5', '198.51.100.9', PROXIES, '203.0.113.5'],
    ['what a trusted proxy says', '10.1.2.3', '198.51.100.9', PROXIES, '198.51.100.9'],
    ['the right-most, when the client invented the left', '10.1.2.3', '1.1.1.1, 198.51.100.9', PROXIES, '198.51.100.9'],
    [
      'the first before a chain of trusted ones',
      '10.1.2.3',
      '198.51.100.9, 192.0.2.7, 10.9.9.9',
      PROXIES,
      '198.51.100.9',
    ],
    ['an invented trusted address does not help', '10.1.2.3', '10.0.0.1, 198.51.100.9', PROXIES, '198.51.100.9'],
    ['the last one we know, when it forwards nonsense', '10.1.2.3', 'unknown', PROXIES, '10.1.2.3'],
    ['an IPv6 client behind an IPv6 proxy', '2001:db8:ffff::1', '2001:DB8::0001', PROXIES, '2001:db8::1'],
    ['a proxy that connects as IPv4-mapped', '::ffff:10.1.2.3', '198.51.100.9', PROXIES, '198.51.100.9'],
    ['several headers read as one', '10.1.2.3', ['1.1.1.1', '198.51.100.9'], PROXIES, '198.51.100.9'],
  ])('R-MM-91: is %s', (_what, socket, forwarded, proxies, address) => {
    expect(clientAddress(socket, forwarded, proxies)).toBe(address)
  })

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::1', '::1'],
    ['', null],
    ['1.2.3', null],
    ['1.2.3.4:80', null],
    ['store.example', null],
  ])('writes %s as %s', (text, address) => {
    expect(normalAddress(text)).toBe(address)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1/32'],
    ['::ffff:192.0.2.1', '192.0.2.1/32'],
    ['2001:db8:1:2:aaaa:bbbb:cccc:dddd', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8::/64'],
    ['2001:db8:0:3::1', '2001:db8:0:3::/64'],
    ['::1', '::/64'],
  ])('R-MM-91: %s counts as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it('R-MM-91: neighbours in IPv4 and in the next /64 are others', () => {
    expect(networkOf('192.0.2.2')).not.toBe(networkOf('192.0.2.1'))
    expect(networkOf('2001:db8:1:3::1')).not.toBe(networkOf('2001:db8:1:2::1'))
  })
})

import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/**
 * The client's address: the socket's, or what the nearest proxies of ours say. `X-Forwarded-For` is read from the right,
 * because everything left of the first address that we do not run can be invented by the client.
 */
export function clientAddress(
  socketAddress: string,
  forwardedFor: string | readonly string[] | undefined,
  trustedProxies: readonly string[],
): string {
  const nearest = normalAddress(socketAddress) ?? socketAddress
  if (trustedProxies.length === 0 || forwardedFor === undefined) return nearest
  const proxies = blockListOf(trustedProxies)
  const hops = [forwardedFor].flat().join(',').split(',').reverse()
  let client = nearest
  for (const hop of hops) {
    if (!proxies.check(client, isIPv6(client) ? 'ipv6' : 'ipv4')) return client
    const address = normalAddress(hop.trim())
    if (address === null) return client
    client = address
  }
  return client
}

/** The network that an address counts as, in CIDR form: one IPv4 address, or the /64 of an IPv6 address, in which privacy addresses rotate (RFC 8981). */
export function networkOf(address: string): string {
  const normal = normalAddress(address)
  if (normal === null) throw new RangeError('That is no address')
  if (isIPv4(normal)) return `${normal}/32`
  const prefix = groupsOf(normal).slice(0, 4).join(':')
  return `${shortest(`${prefix}::`)}/64`
}

/** One spelling for each address: IPv4 also where it came as IPv4-mapped IPv6, no zone, shortest IPv6. Null for anything else. */
export function normalAddress(text: string): string | null {
  const [address = ''] = text.split('%')
  if (isIPv4(address)) return address
  if (isIP(address) !== 6) return null
  const groups = groupsOf(address)
  const isMapped = groups.slice(0, 5).every((group) => group === '0') && groups[5] === 'ffff'
  if (!isMapped) return shortest(address)
  const [high, low] = [Number.parseInt(groups[6] ?? '0', 16), Number.parseInt(groups[7] ?? '0', 16)]
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** The eight groups of an IPv6 address, in hex without leading zeros. */
function groupsOf(address: string): string[] {
  const [left = '', right] = shortest(address).split('::')
  const head = left === '' ? [] : left.split(':')
  const tail = right === undefined || right === '' ? [] : right.split(':')
  const missing = right === undefined ? 0 : 8 - head.length - tail.length
  return [...head, ...Array.from({ length: missing }, () => '0'), ...tail]
}

/** RFC 5952 spelling, by the URL parser. */
function shortest(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1)
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

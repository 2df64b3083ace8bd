import type { ProxyFor } from '../core/ports.ts'

/** What of the environment says how the network is reached. */
export const PROXY_VARIABLES = [
  'MIXMINT_PROXY',
  ...['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
] as const

/**
 * Which proxy an address is reached through, after the environment. `MIXMINT_PROXY` holds for every address, those of this computer too, and
 * `NO_PROXY` does not limit it; one that can not be used is named in `problems`. The others never hold for this computer, and what other
 * programs may have set them to without use for this one (a SOCKS proxy, a proxy behind TLS) counts as none.
 */
export function readProxies(env: NodeJS.ProcessEnv, problems: string[]): ProxyFor {
  const forced = env['MIXMINT_PROXY'] ?? ''
  if (forced !== '') {
    const proxy = readProxy(forced)
    if (proxy === null) problems.push('MIXMINT_PROXY must be the http:// address of a proxy.')
    return () => proxy
  }
  const either = (name: string) => readProxy(env[name.toLowerCase()] ?? env[name] ?? '')
  const all = either('ALL_PROXY')
  const [https, http] = [either('HTTPS_PROXY') ?? all, either('HTTP_PROXY') ?? all]
  const isExcepted = readExceptions(env['no_proxy'] ?? env['NO_PROXY'] ?? '')
  return (url) => {
    const { protocol, hostname, port } = new URL(url)
    const isTls = protocol === 'https:'
    if (isThisComputer(hostname) || isExcepted(hostname, port === '' ? (isTls ? '443' : '80') : port)) return null
    return isTls ? https : http
  }
}

/** The origin of a proxy, with the name and password for it; null for none and for what is no address of one. */
function readProxy(text: string): string | null {
  const address = text.includes('://') ? text.trim() : `http://${text.trim()}`
  if (!URL.canParse(address)) return null
  const { protocol, username, password, host } = new URL(address)
  if (protocol !== 'http:' || host === '') return null
  return `http://${username === '' ? '' : `${username}:${password}@`}${host}`
}

function isThisComputer(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** Names with commas or blanks between: a host and all below it, with or without a dot before, perhaps a port; `*` is every one. */
function readExceptions(list: string): (hostname: string, port: string) => boolean {
  const entries = list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(entry) ?? [entry, entry]
      return { host: host.replace(/^\*?\./, ''), port }
    })
  return (hostname, port) =>
    entries.some(
      (entry) =>
        (entry.port === undefined || entry.port === port) &&
        (entry.host === '*' || hostname === entry.host || hostname.endsWith(`.${entry.host}`)),
    )
}

import type { ProxyFor } from '../core/ports.ts'

/**
 * Which proxy an address is reached through, after the environment. `MIXMINT_PROXY` holds for every address, those of this computer too, and
 * `NO_PROXY` does not limit it; the others never hold for this computer. A wrong value is named in `problems`, without its name and password.
 */
export function readProxies(env: NodeJS.ProcessEnv, problems: string[]): ProxyFor {
  const read = (name: string) => readProxy(name, env[name], problems)
  const either = (name: string) => read(name.toLowerCase()) ?? read(name)
  const forced = read('MIXMINT_PROXY')
  if (forced !== null) return () => forced
  const all = either('ALL_PROXY')
  const [https, http] = [either('HTTPS_PROXY') ?? all, either('HTTP_PROXY') ?? all]
  const excepted = readExceptions(env['no_proxy'] ?? env['NO_PROXY'] ?? '')
  return (url) => {
    const { protocol, hostname, port } = new URL(url)
    const proxy = protocol === 'https:' ? https : http
    if (proxy === null || isThisComputer(hostname)) return null
    const portOf = port === '' ? (protocol === 'https:' ? '443' : '80') : port
    return excepted(hostname, portOf) ? null : proxy
  }
}

/** The origin of a proxy with its name and password; null for none. */
function readProxy(name: string, text: string | undefined, problems: string[]): string | null {
  if (text === undefined || text.trim() === '') return null
  const address = text.includes('://') ? text.trim() : `http://${text.trim()}`
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || url.hostname === '' || !['http:', 'https:'].includes(url.protocol)) {
    problems.push(`${name} must be the http:// or https:// address of a proxy.`)
    return null
  }
  const { protocol, username, password, host } = url
  const login = username === '' ? '' : `${username}${password === '' ? '' : `:${password}`}@`
  return `${protocol}//${login}${host}`
}

function isThisComputer(hostname: string): boolean {
  return /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname)
}

/** Names in a list with commas or blanks: a host with all below it, with or without a dot before, perhaps a port; `*` is every one. */
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

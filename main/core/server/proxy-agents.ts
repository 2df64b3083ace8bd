import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { ProxyFor } from '../ports.ts'

/** The agents through which an address is reached; undefined: those of Node. */
export type AgentsFor = (url: string) => { readonly http: HttpAgent; readonly https: HttpsAgent } | undefined

/** Agents that keep their connections to each proxy: TLS goes through a tunnel (RFC 9110 §9.3.6), the rest is asked of the proxy itself. */
export function createProxyAgents(proxyFor: ProxyFor): AgentsFor {
  const known = new Map<string, ReturnType<AgentsFor>>()
  return (url) => {
    const proxy = proxyFor(url)
    if (proxy === null) return undefined
    const options = { keepAlive: true, proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }
    const agents = known.get(proxy) ?? { http: new HttpAgent(options), https: new HttpsAgent(options) }
    known.set(proxy, agents)
    return agents
  }
}

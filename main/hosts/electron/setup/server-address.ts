import { app } from '../../../../contract/app.ts'
import { AppError } from '../../../../contract/errors.ts'
import { httpRequest } from '../../../core/server/http-request.ts'
import type { AgentsFor } from '../../../core/server/proxy-agents.ts'

/** The origin in what a person typed; `https` is added where no scheme stands. Null unless it is https, or http to this computer. */
export function readTypedAddress(text: string): string | null {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > 300 || /\s/.test(trimmed)) return null
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  if (!URL.canParse(address)) return null
  const { protocol, hostname, username, password, origin } = new URL(address)
  if (username !== '' || password !== '') return null
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isHere) ? origin : null
}

/** Makes sure that a MixMint server answers at `origin`. Throws `offline`, `proxy-refused`, `untrusted-server`. */
export async function assertMixMintServer(origin: string, agentsFor: AgentsFor): Promise<void> {
  const url = `${origin}${app.serverInfo.path}`
  const { status, body } = await httpRequest({ method: 'GET', url, headers: {}, agentsFor })
  if (status !== 200 || !isServerInfo(body)) throw new AppError('untrusted-server', 'No MixMint server answers there')
}

function isServerInfo(body: Buffer): boolean {
  try {
    return app.serverInfo.output.safeParse(JSON.parse(body.toString('utf8'))).success
  } catch {
    return false
  }
}

import { type BrowserWindow, protocol } from 'electron'
import type { ProxyFor, Random } from '../../../core/ports.ts'
import { createProxyAgents } from '../../../core/server/proxy-agents.ts'
import { SETUP_HOST } from '../own-address.ts'
import { assertMixMintServer } from './server-address.ts'
import { createSetupProtocol } from './setup-protocol.ts'

/** Asks the user for the server in a window of its own, and answers its origin; null when the window is closed without one. */
export async function askServer(
  openWindow: (address: string) => BrowserWindow,
  random: Random,
  proxyFor: ProxyFor,
): Promise<string | null> {
  const chosen = Promise.withResolvers<string | null>()
  const agentsFor = createProxyAgents(proxyFor)
  const probe = (origin: string) => assertMixMintServer(origin, agentsFor)
  protocol.handle('app', createSetupProtocol({ random, probe, onChosen: (origin) => chosen.resolve(origin) }))
  const window = openWindow(`app://${SETUP_HOST}/`)
  window.once('closed', () => chosen.resolve(null))
  try {
    return await chosen.promise
  } finally {
    protocol.unhandle('app')
    if (!window.isDestroyed()) window.destroy()
  }
}

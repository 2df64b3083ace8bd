import { app } from '../../../contract/app.ts'
import type { Output } from '../../../contract/call.ts'
import type { SettingsStore } from '../ports.ts'
import type { ServerCall } from './server-call.ts'

export type ServerInfo = Output<typeof app.serverInfo>

/** What the server says of itself: asked once for each start, and remembered for starts without a network. */
export interface ServerInfoSource {
  /** Asks once, and answers what is remembered when the server can not be reached; throws the failure when nothing is. */
  get(): Promise<ServerInfo>
  /** What is known without asking. */
  known(): ServerInfo | null
}

const STORED = 'serverInfo'

export function createServerInfo(
  serverAddress: string | null,
  settings: SettingsStore,
  serverCall: () => ServerCall,
): ServerInfoSource {
  let fresh: ServerInfo | null = null
  let pending: Promise<ServerInfo> | null = null

  function remembered(): ServerInfo | null {
    const stored = settings.readValue(STORED)
    if (typeof stored !== 'object' || stored === null) return null
    const { address, info } = stored as { address?: unknown; info?: unknown }
    const parsed = app.serverInfo.output.safeParse(info)
    return address === serverAddress && parsed.success ? parsed.data : null
  }

  async function ask(): Promise<ServerInfo> {
    const info = await serverCall()(app.serverInfo, {})
    fresh = info
    settings.writeValue(STORED, { address: serverAddress, info: { ...info, demoAccounts: [] } })
    return info
  }

  return {
    async get() {
      if (fresh !== null) return fresh
      pending ??= ask().finally(() => {
        pending = null
      })
      try {
        return await pending
      } catch (error) {
        const last = remembered()
        if (last === null) throw error
        return last
      }
    },
    known: () => fresh ?? remembered(),
  }
}

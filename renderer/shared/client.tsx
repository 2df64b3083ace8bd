import { createContext, type ReactNode, useContext } from 'react'
import type { Caller } from '../../contract/call.ts'
import { fromReply } from '../../contract/errors.ts'
import type { Bridge } from './bridge.ts'

/** Every call, event and picture of the renderer comes through one of these. */
export interface Client {
  call: Caller
  subscribe(listener: (event: unknown) => void): () => void
  mediaAddress(id: string): Promise<string>
}

/** A client over a bridge: a refused call rejects with its `AppError`. */
export function createClient(bridge: Bridge): Client {
  return {
    call: async (definition, input) => fromReply(await bridge.call(definition.name, input)) as never,
    subscribe: (listener) => bridge.subscribe(listener),
    mediaAddress: (id) => bridge.mediaAddress(id),
  }
}

const ClientContext = createContext<Client | null>(null)

export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  return <ClientContext value={client}>{children}</ClientContext>
}

export function useClient(): Client {
  const client = useContext(ClientContext)
  if (client === null) throw new Error('There is no ClientProvider above')
  return client
}

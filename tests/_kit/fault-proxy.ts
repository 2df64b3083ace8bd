import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** What is done to the bytes of one connection on their way to the client, at an offset of that connection's bytes. */
export type LineFault =
  | { readonly at: number; readonly does: 'reset' | 'cut' | 'half-close' | 'flip' | 'hold' }
  | { readonly at: number; readonly does: 'delay'; readonly ms: number }
  /** From there on, at most so many bytes every 10 ms. */
  | { readonly at: number; readonly does: 'throttle'; readonly bytes: number }

export interface LinePlan {
  readonly down?: readonly LineFault[]
  /** Changes the head of each request, and of each answer that begins a chunk. */
  readonly request?: (head: string) => string
  readonly answer?: (head: string) => string
  /** Offsets count from the first request whose head matches, and only from then is anything done; left out: from the first byte. */
  readonly from?: RegExp
  /** Hears the head of each request before it goes on, which waits for it. */
  readonly heard?: (head: string) => void | Promise<void>
  /** Ends the connection by a reset before anything passes. */
  readonly refuses?: boolean
}

/** The plan of the connection with this number, from 1; null lets everything pass. */
export type LinePlans = (connection: number) => LinePlan | null

/** A line between a client and a server on this computer that does harm at declared offsets. */
export async function startFaultProxy(targetPort: number) {
  const sockets = new Set<Socket>()
  const seen = { connections: 0, faulty: 0, toClient: 0, fromServer: 0 }
  const state: { plans: LinePlans; localAddress: string } = { plans: () => null, localAddress: '127.0.0.1' }

  const server = createServer((client) => {
    seen.connections += 1
    const plan = state.plans(seen.connections)
    if (plan !== null) seen.faulty += 1
    client.on('error', () => {})
    if (plan?.refuses) return void client.resetAndDestroy()
    const origin = connect({ host: '127.0.0.1', port: targetPort, localAddress: state.localAddress })
    origin.on('error', () => {})
    for (const socket of [client, origin]) {
      sockets.add(socket)
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        origin.destroy()
      })
    }
    const gate = { isOpen: plan?.from === undefined }
    void up(plan, gate, client, origin)
    void down(plan, gate, client, origin)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }

  async function up(plan: LinePlan | null, gate: { isOpen: boolean }, client: Socket, origin: Socket): Promise<void> {
    try {
      for await (const read of client) {
        const chunk = read as Buffer
        const head = chunk.toString('latin1')
        if (plan?.from?.test(head)) gate.isOpen = true
        await plan?.heard?.(head)
        origin.write(plan?.request === undefined ? chunk : edited(chunk, plan.request))
      }
      origin.end()
    } catch {
      origin.destroy()
    }
  }

  async function down(plan: LinePlan | null, gate: { isOpen: boolean }, client: Socket, origin: Socket): Promise<void> {
    const faults = [...(plan?.down ?? [])].sort((a, b) => a.at - b.at)
    let passed = 0
    let slice = Number.POSITIVE_INFINITY
    try {
      for await (const read of origin) {
        let chunk: Buffer = Buffer.from(read as Buffer)
        seen.fromServer += chunk.length
        if (plan?.answer !== undefined && chunk.toString('latin1', 0, 5) === 'HTTP/') chunk = edited(chunk, plan.answer)
        while (chunk.length > 0) {
          if (!gate.isOpen) {
            client.write(chunk)
            seen.toClient += chunk.length
            break
          }
          const next = faults[0]
          const until = Math.min(next === undefined ? chunk.length : Math.max(0, next.at - passed), chunk.length, slice)
          if (until > 0) {
            if (!client.write(chunk.subarray(0, until)))
              await Promise.race([once(client, 'drain'), once(client, 'close')])
            passed += until
            seen.toClient += until
            chunk = chunk.subarray(until)
            if (slice < Number.POSITIVE_INFINITY) await pause(10)
            continue
          }
          faults.shift()
          if (next === undefined) break
          if (next.does === 'flip') chunk[0] = (chunk[0] ?? 0) ^ 1
          else if (next.does === 'delay') await pause(next.ms)
          else if (next.does === 'throttle') slice = next.bytes
          else return await end(next.does, client)
        }
        if (client.destroyed) return
      }
      client.end()
    } catch {
      client.destroy()
    }
  }

  async function end(how: 'reset' | 'cut' | 'half-close' | 'hold', client: Socket): Promise<void> {
    if (how === 'hold') return
    // What was written reaches the client first: otherwise the offset would be a matter of luck.
    if (client.writableLength > 0) await Promise.race([once(client, 'drain'), once(client, 'close')])
    if (how === 'half-close') client.end()
    else if (how === 'cut') client.destroy()
    else {
      await pause(5)
      client.resetAndDestroy()
    }
  }

  return {
    address: `http://127.0.0.1:${port}`,
    port,
    seen,
    /** Sets what happens to connections from now on. */
    setPlans(plans: LinePlans) {
      state.plans = plans
    },
    /** The address from which the server sees what comes from now on; 127.0.0.2 to 9 stand for other networks. */
    setNetwork(localAddress: string) {
      state.localAddress = localAddress
    },
    /** Ends every connection: those that come next have the plans of now. */
    cutAll() {
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export type FaultProxy = Awaited<ReturnType<typeof startFaultProxy>>

function edited(chunk: Buffer, edit: (head: string) => string): Buffer {
  const end = chunk.indexOf('\r\n\r\n')
  if (end < 0) return chunk
  return Buffer.concat([Buffer.from(edit(chunk.toString('latin1', 0, end)), 'latin1'), chunk.subarray(end)])
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

import { connect, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

const PROGRAM = `
const { parentPort } = require('node:worker_threads')
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  parentPort.postMessage(server.address().port)
  setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 5)
})
`
/** More than the system keeps for a listener that accepts none. */
const FILLERS = 4

/** A port whose system drops every further attempt to connect, as a network does in which packets vanish: its queue is full and nobody accepts. */
export async function startSilentListener() {
  const worker = new Worker(PROGRAM, { eval: true })
  const port = await new Promise<number>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  await new Promise((resolve) => setTimeout(resolve, 30))
  const fillers: Socket[] = []
  for (let count = 0; count < FILLERS; count++) {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    fillers.push(socket)
  }
  await new Promise((resolve) => setTimeout(resolve, 20))
  return {
    address: `http://127.0.0.1:${port}`,
    async close() {
      for (const socket of fillers) socket.destroy()
      await worker.terminate()
    },
  }
}

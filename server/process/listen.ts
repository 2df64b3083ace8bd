import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { FastifyInstance } from 'fastify'

const PORTS_TO_TRY = 20

/**
 * Listens at the wanted port, or at the next free one when it is taken, and remembers which in `file` so that the next start takes the same.
 * Answers the port. A wanted port of 0 takes any and remembers nothing.
 */
export async function listenNearby(app: FastifyInstance, { host, port, file }: { host: string; port: number; file: string }): Promise<number> {
  const remembered = port === 0 ? null : await readPort(file)
  const wanted = port === 0 ? [0] : [...(remembered === null ? [] : [remembered]), ...Array.from({ length: PORTS_TO_TRY }, (_, n) => port + n)]
  for (const candidate of wanted) {
    try {
      await app.listen({ host, port: candidate })
      const [address] = app.addresses()
      const taken = address?.port ?? candidate
      if (port !== 0) await writeFile(file, String(taken), { mode: 0o600 })
      return taken
    } catch (error) {
      if (!isTaken(error)) throw error
    }
  }
  throw new Error(`Ports ${port} to ${port + PORTS_TO_TRY - 1} are all taken; set MIXMINT_SERVER_PORT to a free one.`)
}

async function readPort(file: string): Promise<number | null> {
  const port = Number(await readFile(path.resolve(file), 'utf8').catch(() => ''))
  return Number.isInteger(port) && port > 0 ? port : null
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}

import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'

const PORTS_TO_TRY = 20

/**
 * A port that is free now: the one remembered in `file`, else the wanted one, else the next free one, which is then remembered.
 * Wanted port 0 takes any and remembers nothing. The port is chosen before anything is built, because the public origin names it.
 */
export async function choosePort({ host, port, file }: { host: string; port: number; file: string }): Promise<number> {
  if (port === 0) return (await tryPort(host, 0)) ?? 0
  const remembered = Number(await readFile(file, 'utf8').catch(() => ''))
  const candidates = [
    ...(remembered > 0 ? [remembered] : []),
    ...Array.from({ length: PORTS_TO_TRY }, (_, n) => port + n),
  ]
  for (const candidate of candidates) {
    const free = await tryPort(host, candidate)
    if (free === null) continue
    await writeFile(file, String(free), { mode: 0o600 })
    return free
  }
  throw new Error(`Ports ${port} to ${port + PORTS_TO_TRY - 1} are all taken; set MIXMINT_SERVER_PORT to a free one.`)
}

async function tryPort(host: string, port: number): Promise<number | null> {
  const probe = createServer().listen(port, host)
  try {
    await once(probe, 'listening')
  } catch {
    return null
  }
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : null
}

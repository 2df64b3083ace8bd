import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import path from 'node:path'
import { AppError } from '../../contract/errors.ts'
import { writeFileDurably } from './write-file-durably.ts'

const PORTS_TO_TRY = 20

/**
 * A loopback port that is free now: the one remembered, else the wanted one, else one of the next 19, which is then remembered, so that a
 * reloaded tab finds the app again. Wanted port 0: any, and nothing is remembered. Throws `invalid-config` when all are taken.
 */
export async function chooseHostPort(dataFolder: string, wanted: number): Promise<number> {
  if (wanted === 0) return (await freePort(0)) ?? 0
  await mkdir(dataFolder, { recursive: true, mode: 0o700 })
  const file = path.join(dataFolder, 'host-port')
  const remembered = Number(await readFile(file, 'utf8').catch(() => ''))
  const near = Array.from({ length: PORTS_TO_TRY }, (_, offset) => wanted + offset).filter((port) => port <= 65_535)
  // A remembered port counts only while it is one that the wanted port leads to.
  for (const candidate of near.includes(remembered) ? [remembered, ...near] : near) {
    if ((await freePort(candidate)) === null) continue
    if (candidate !== remembered) await writeFileDurably(file, String(candidate))
    return candidate
  }
  throw new AppError(
    'invalid-config',
    `Ports ${wanted} to ${wanted + PORTS_TO_TRY - 1} are all taken; set MIXMINT_PORT.`,
  )
}

async function freePort(port: number): Promise<number | null> {
  const probe = createServer()
  return await new Promise((resolve) => {
    probe.once('error', () => resolve(null))
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : null))
    })
  })
}

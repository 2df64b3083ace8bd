import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { type FaultServer, startFaultServer } from './fault-server.ts'
import type { TransferRig } from './transfer-rig.ts'

/** A new folder and a server for the test that runs. When it has finished the rig that `lastRig` answers is closed, and both go. */
export async function openRigPlace(
  lastRig: () => TransferRig | undefined,
): Promise<{ readonly folder: string; readonly server: FaultServer }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-core-'))
  const server = await startFaultServer()
  onTestFinished(async () => {
    await lastRig()?.close()
    await server.close()
    await rm(folder, { recursive: true })
  })
  return { folder, server }
}

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'vitest'
import type { Download } from '../../../contract/delivery.ts'
import type { FaultCase } from './case.ts'
import { HELD, type Scene, SEGMENT } from './scene.ts'

/** Hears of promises that nobody caught, for as long as a run lasts. */
export function watchRejections() {
  const heard: unknown[] = []
  const listen = (reason: unknown) => void heard.push(reason)
  process.on('unhandledRejection', listen)
  return { heard, stop: () => void process.off('unhandledRejection', listen) }
}

/** Whatever happened, this holds: judged while the program still runs. */
export async function expectDeclared(of: FaultCase, scene: Scene, ended: Download): Promise<void> {
  const { rig, server } = scene
  expect({ status: ended.status, code: ended.reason?.code ?? null }, 'the queue entry').toEqual({
    status: of.end.status,
    code: of.end.code ?? null,
  })
  await expectFinalFile(of, scene)
  expect(await orphans(scene), 'files of the staging folder that belong to no row').toEqual([])
  const attempts = server.attempts()
  expect(attempts.length, `attempts (${attempts.join(', ')})`).toBe(of.attempts ?? 1)
  if (of.end.status === 'done') expect(attempts.at(-1), 'the last attempt').toBe('delivered')
  expect(wire(scene), 'bytes on the wire').toBeLessThanOrEqual(missing(of, scene) + allowance(of, scene))
  expect(rig.errors.length, `errors that nobody expected: ${JSON.stringify(rig.errors)}`).toBe(of.logged ?? 0)
  await of.check?.(scene, ended)
}

/** What holds once the program has ended. */
export async function expectLetGo({ folder }: Scene, rejections: readonly unknown[]): Promise<void> {
  expect(rejections, 'promises that nobody caught').toEqual([])
  expect(await openFiles(folder), 'files left open').toEqual([])
}

/** Absent, or whole and right: never anything else in the library. */
async function expectFinalFile(of: FaultCase, scene: Scene): Promise<void> {
  const { rig, object } = scene
  const isHere = of.end.status === 'done'
  const names = existsSync(rig.library) ? await rig.libraryNames() : []
  const arrived = names.filter((name) => !(of.others ?? []).includes(name))
  const name = of.fileName === 'any' ? (arrived[0] ?? '') : (of.fileName ?? 'Nia - Tide.wav')
  expect(names.sort(), 'the library').toEqual([...(of.others ?? []), ...(isHere ? [name] : [])].sort())
  if (!isHere) return
  const bytes = await readFile(path.join(rig.library, name))
  expect(createHash('sha256').update(bytes).digest('hex'), 'SHA-256 of the final file').toBe(object.sha256)
}

async function orphans({ rig }: Scene): Promise<string[]> {
  const { downloads } = await rig.list()
  const ended = ['done', 'cancelled']
  const living = downloads.filter(({ status }) => !ended.includes(status)).map(({ id }) => id)
  const names = await readdir(rig.staging).catch(() => [])
  return names.filter((name) => !living.some((id) => name.startsWith(`${id}.`)))
}

/** Bytes that came to the client in the run that is watched: counted at the line where there is one. */
function wire({ line, server }: Scene): number {
  return line === null ? server.seen.fileBytes : line.seen.toClient - server.seen.headBytes
}

function missing(of: FaultCase, { object, start, notes }: Scene): number {
  const held = notes.get('held')
  if (typeof held === 'number') return object.bytes.length - held
  if (of.end.status !== 'done') return object.bytes.length
  return object.bytes.length - (start === 'resumed' ? HELD : 0)
}

function allowance({ again }: FaultCase, { server, connections, object }: Scene): number {
  if (typeof again === 'number') return again
  if (again === 'the answer') return server.seen.spoilt
  if (again === 'what was on its way') return server.seen.spoilt + object.bytes.length
  return again === 'a segment each' ? connections * SEGMENT : 0
}

/** Files below `folder` that this process has open; none where the system has no `/proc`. */
async function openFiles(folder: string): Promise<string[]> {
  const names = await readdir('/proc/self/fd').catch(() => [])
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')))
  return targets.filter((target) => target.startsWith(folder))
}

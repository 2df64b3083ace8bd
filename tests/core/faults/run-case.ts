import { it } from 'vitest'
import type { Download } from '../../../contract/delivery.ts'
import { bringPart, forgetSeen, startDownload } from './bring-part.ts'
import { EVERY_COUNT, EVERY_START, type FaultCase, type Standing, type Start } from './case.ts'
import { expectDeclared, expectLetGo, watchRejections } from './oracle.ts'
import { HELD, openScene, type Scene, SIZE } from './scene.ts'

/** Real time after which a run counts as stuck: long, for a computer that is busy with something else; nothing waits for it but a failure. */
const STUCK_MS = 45_000
const LOOK_MS = 8
/** Looks without any change after which a silent fault is given time. */
const QUIET_LOOKS = 20
/** The longest of the engine's own timers for one answer is 30 s. */
const QUIET_LEAP_MS = 16_000

/** A test for each run of each case, by the names of the table. */
export function runCases(cases: readonly FaultCase[]): void {
  for (const one of cases)
    for (const start of one.starts ?? EVERY_START)
      for (const connections of one.connections ?? EVERY_COUNT)
        it(titleOf(one, start, connections), () => runCase(one, start, connections))
}

/** The same over the threads and the disk of the product: their timers are those of the system, so nothing may hang on the moved clock. */
export function runCasesInWorkers(cases: readonly FaultCase[], connections: number): void {
  for (const one of cases)
    for (const start of one.starts ?? EVERY_START)
      it(`${titleOf(one, start, connections)}, in worker threads`, () => runCase(one, start, connections, true))
}

export function titleOf({ number, what, end, again }: FaultCase, start: Start, connections: number): string {
  const how = `${start}, ${connections} connection${connections === 1 ? '' : 's'}`
  const ends = end.code === undefined ? end.status : `${end.status}, ${end.code}`
  const twice = typeof again === 'number' ? `at most ${again} bytes` : again
  return `G1 case ${number} (${what}), ${how}: ${ends}, ${twice} sent twice`
}

async function runCase(of: FaultCase, start: Start, connections: number, isInWorkers = false): Promise<void> {
  const seed = `${of.number} ${of.what} ${start} ${connections}`
  const scene = await openScene(seed, start, connections, SIZE, isInWorkers)
  const rejections = watchRejections()
  let isOpen = true
  try {
    of.before?.(scene)
    if (start === 'resumed') await bringPart(scene, HELD)
    await of.between?.(scene)
    await scene.open()
    forgetSeen(scene)
    if (start === 'fresh') {
      await scene.rig.delivery.pauseAll(undefined, {})
      scene.downloadId = await startDownload(scene)
    }
    await of.make?.(scene)
    await scene.rig.delivery.resumeAll(undefined, {})
    const ended = await settled(of, scene)
    await expectDeclared(of, scene, ended)
    await scene.rig.close()
    isOpen = false
    await expectLetGo(scene, rejections.heard)
  } catch (error) {
    if (error instanceof Error) error.message += `\n(seed: ${seed}; ${await story(scene, isOpen)})`
    throw error
  } finally {
    rejections.stop()
    await scene.close()
  }
}

/** Watches the download to its end, moving time where it waits for that, and ends the fault when it stands as declared. */
async function settled(of: FaultCase, scene: Scene): Promise<Download> {
  const began = performance.now()
  let isCured = of.meanwhile === undefined
  let before = ''
  let quiet = 0
  for (;;) {
    const { rig, server } = scene
    if (!isCured && of.meanwhile !== undefined && wasSeen(of.meanwhile, scene)) {
      isCured = true
      await of.cure?.(scene)
    }
    const download = await rig.byId(scene.downloadId)
    if (download !== undefined && isCured && stands(download, of.end) && isReported(of, scene)) return download
    const now = `${download?.status} ${download?.receivedBytes} ${server.seen.fileBytes} ${server.seen.paths.length}`
    quiet = now === before ? quiet + 1 : 0
    before = now
    if (download !== undefined) pushOn(of, scene, download, isCured, quiet)
    if (performance.now() - began > STUCK_MS)
      throw new Error(
        `stuck as ${download?.status}, ${download?.reason?.code}${isCured ? '' : '; the fault never showed'}`,
      )
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}

/** Lets time pass, or tells that the network is back, where that is what the download waits for. */
function pushOn(of: FaultCase, { rig, clock }: Scene, download: Download, isCured: boolean, quiet: number): void {
  const { status, retryAt } = download
  if (retryAt !== null) clock.leap(Math.max(0, Date.parse(retryAt) - clock.now()) + 1)
  else if (status === 'waiting-for-network' && isCured) rig.setOnline(true)
  else if (status.startsWith('needs-') && isCured && quiet >= QUIET_LOOKS) clock.leap(60_000)
  else if (of.isSilent === true && quiet >= QUIET_LOOKS) clock.leap(QUIET_LEAP_MS)
}

function wasSeen({ status, code }: Standing, { rig, downloadId }: Scene): boolean {
  return rig.events.some(
    (event) =>
      event.type === 'delivery.progressed' &&
      event.download.id === downloadId &&
      event.download.status === status &&
      event.download.reason?.code === code,
  )
}

function stands({ status, reason }: Download, end: Standing): boolean {
  const final = status === 'done' || status === 'failed' || status === 'ended'
  return final || (status === end.status && reason?.code === end.code)
}

/** The server is told of what arrived a moment after the queue shows it. */
function isReported(of: FaultCase, { server }: Scene): boolean {
  return of.end.status !== 'done' || server.seen.completes > 0
}

/** How the download stood, one after the other: printed with a failure. */
async function story({ rig, downloadId }: Scene, isOpen: boolean): Promise<string> {
  if (!isOpen) return 'closed'
  const told = rig.events.flatMap((event) =>
    event.type === 'delivery.progressed' && event.download.id === downloadId
      ? [`${event.download.status}${event.download.reason === null ? '' : ` ${event.download.reason.code}`}`]
      : [],
  )
  return told.filter((one, index) => one !== told[index - 1]).join(' → ')
}

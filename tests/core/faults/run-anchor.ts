import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ANCHOR_HELD, ANCHOR_SIZE, type AnchorCase } from './anchor-cases.ts'
import { bringPart, startDownload } from './bring-part.ts'
import { forgetJournal, partOf } from './edits.ts'
import { openScene, type Scene, SEGMENT } from './scene.ts'

/** Waits after which a fault that lasts counts as refused. */
const MOST_WAITS = 3
const STUCK_MS = 20_000

/** `silent`: the file is called done, and is wrong. */
export type OurOutcome = 'recovered' | 'refused' | 'silent' | 'stuck'

/** What our client makes of one case. */
export async function runOurs(of: AnchorCase): Promise<OurOutcome> {
  const scene = await openScene(`anchor ${of.name}`, of.isResumed ? 'resumed' : 'fresh', 1, ANCHOR_SIZE)
  try {
    if (of.isResumed) await bringPart(scene, ANCHOR_HELD)
    if (of.part !== undefined) {
      await writeFile(partOf(scene), of.part(scene.object.bytes))
      if (of.part(scene.object.bytes).length > ANCHOR_HELD) forgetJournal(scene)
    }
    if (of.newSize !== undefined) replace(scene, of.newSize)
    await scene.open()
    if (of.answer !== undefined && of.isOnce === true) scene.first(of.answer, 1)
    else if (of.answer !== undefined) scene.always(of.answer)
    await scene.rig.delivery.resumeAll(undefined, {})
    if (!of.isResumed) scene.downloadId = await startDownload(scene)
    return await outcomeOf(scene)
  } finally {
    await scene.close()
  }
}

function replace(scene: Scene, size: number): void {
  const options = { segmentSize: SEGMENT, fileName: 'x.wav' }
  scene.object = scene.server.put(scene.object.content, scene.random.bytes(size), options)
}

async function outcomeOf(scene: Scene): Promise<OurOutcome> {
  const { rig, clock, object, downloadId } = scene
  const began = performance.now()
  let waits = 0
  while (performance.now() - began < STUCK_MS) {
    const download = await rig.byId(downloadId)
    if (download?.status === 'done') {
      const bytes = await readFile(path.join(rig.library, 'Nia - Tide.wav'))
      return createHash('sha256').update(bytes).digest('hex') === object.sha256 ? 'recovered' : 'silent'
    }
    const isWaiting = download !== undefined && download.reason !== null
    if (isWaiting && (waits >= MOST_WAITS || download.status === 'failed')) {
      return (await rig.libraryNames()).length === 0 ? 'refused' : 'silent'
    }
    if (isWaiting) {
      waits += 1
      rig.setOnline(true)
      if (download.retryAt !== null) clock.leap(Math.max(0, Date.parse(download.retryAt) - clock.now()) + 1)
    }
    await new Promise((resolve) => setTimeout(resolve, 8))
  }
  return 'stuck'
}

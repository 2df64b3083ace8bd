import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { openScene } from './scene.ts'

describe('R-DC-12: the library lies on another volume', () => {
  it('G1 case 55: the parts lie on that volume too, hidden, and only change their name', async ({ skip }) => {
    const other = await mkdtemp('/dev/shm/mixmint-library-').catch(() => null)
    const scene = await openScene('another volume', 'fresh', 4)
    try {
      const isOther = other !== null && (await stat(other)).dev !== (await stat(scene.folder)).dev
      if (!isOther) skip('this computer has no second volume to write to')
      scene.libraryFolder = other ?? ''
      await scene.open()
      const { rig, object } = scene
      const { id } = await rig.delivery.start(undefined, { ...object.content, title: 'Tide', artist: 'Nia' })
      expect((await rig.reached(id, 'done', 'failed')).status).toBe('done')
      const bytes = await readFile(path.join(rig.library, 'Nia - Tide.wav'))
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(object.sha256)
      expect(await readdir(rig.staging).catch(() => [])).toEqual([])
      expect(await rig.libraryNames()).toEqual(['Nia - Tide.wav'])
    } finally {
      await scene.close()
      if (other !== null) await rm(other, { recursive: true })
    }
  })
})

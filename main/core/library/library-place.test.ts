import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Disk, realDisk } from './disk.ts'
import { readyStaging } from './library-place.ts'

test('DL12: a library on a drive that is pulled out this moment is not made anew where the drive was', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-place-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const stick = path.join(folder, 'stick')
  const library = path.join(stick, 'Music')
  await mkdir(library, { recursive: true })
  const disk = {
    ...realDisk,
    stat: async (place: string) => Object.assign(await realDisk.stat(place), { dev: place === library ? 77 : 1 }),
    async mkdir(place: string, options?: { recursive?: boolean }) {
      if (place.startsWith(library)) await rename(library, path.join(folder, 'pulled-out')).catch(() => {})
      return await realDisk.mkdir(place, options)
    },
  } as unknown as Disk
  await expect(readyStaging(disk, path.join(folder, 'account'), library)).rejects.toMatchObject({
    code: 'folder-missing',
  })
  expect(await readdir(stick)).toEqual([])
})

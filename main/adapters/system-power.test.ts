import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createSystemPower, powerPrograms } from './system-power.ts'

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-power-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

test('DL18: the program that holds the computer awake runs from the first wish until it is taken back, once', async () => {
  const folder = await tempFolder()
  const [began, ended] = [path.join(folder, 'began'), path.join(folder, 'ended')]
  const power = createSystemPower({ hold: ['/bin/sh', '-c', `echo x >> ${began}; cat; echo x > ${ended}`] })
  onTestFinished(() => power.keepAwake(false))
  power.keepAwake(true)
  power.keepAwake(true)
  await vi.waitUntil(() => existsSync(began))
  expect(existsSync(ended)).toBe(false)
  power.keepAwake(false)
  power.keepAwake(false)
  await vi.waitUntil(() => existsSync(ended))
  expect(await readFile(began, 'utf8')).toBe('x\n')
})

test('DL18: sleep comes true when the system accepts it', async () => {
  expect(await createSystemPower({ sleep: ['/bin/true'] }).sleep()).toBe(true)
  expect(await createSystemPower({ sleep: ['/bin/false'] }).sleep()).toBe(false)
})

test('DL18: a system without the programs, or with none of them, does nothing', async () => {
  for (const power of [
    createSystemPower({ hold: ['/nowhere/hold'], sleep: ['/nowhere/sleep'] }),
    createSystemPower(powerPrograms('win32')),
  ]) {
    power.keepAwake(true)
    expect(await power.sleep()).toBe(false)
    power.keepAwake(false)
  }
})

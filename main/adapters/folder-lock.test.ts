import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockDataFolder } from './folder-lock.ts'

async function folder(): Promise<string> {
  const made = await mkdtemp(path.join(tmpdir(), 'mixmint-lock-'))
  onTestFinished(() => rm(made, { recursive: true, force: true }))
  return made
}

test('a data folder has one core at a time', async () => {
  const data = await folder()
  const unlock = lockDataFolder(data)
  expect(() => lockDataFolder(data)).toThrow(expect.objectContaining({ code: 'data-in-use' }))
  lockDataFolder(await folder())()
  unlock()
  lockDataFolder(data)()
})

test('the lock of a process that is killed is free at once', async () => {
  const data = await folder()
  const module = path.join(import.meta.dirname, 'folder-lock.ts')
  const script = `const { lockDataFolder } = await import(${JSON.stringify(module)}); lockDataFolder(${JSON.stringify(data)}); console.log('held'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(holder.stdout, 'data')
  expect(() => lockDataFolder(data)).toThrow(expect.objectContaining({ code: 'data-in-use' }))
  const exited = once(holder, 'exit')
  holder.kill('SIGKILL')
  await exited
  lockDataFolder(data)()
})

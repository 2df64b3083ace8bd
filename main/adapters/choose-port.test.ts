import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { chooseHostPort } from './choose-port.ts'

let root = ''
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'mixmint-port-'))
})
afterEach(async () => {
  await rm(root, { recursive: true, force: true })
})

test('the first start makes the data folder, private to its user, and remembers the port there', async () => {
  const dataFolder = path.join(root, 'new')
  const wanted = await chooseHostPort(root, 0)
  const chosen = await chooseHostPort(dataFolder, wanted)
  expect(Number(await readFile(path.join(dataFolder, 'host-port'), 'utf8'))).toBe(chosen)
  expect((await stat(dataFolder)).mode & 0o777).toBe(0o700)
})

test('a port that is taken leads to a later one, which the next start finds again', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  if (address === null || typeof address === 'string') throw new Error('It does not listen')
  const chosen = await chooseHostPort(root, address.port)
  expect(chosen).toBeGreaterThan(address.port)
  await new Promise((resolve) => taken.close(resolve))
  expect(await chooseHostPort(root, address.port)).toBe(chosen)
})

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createMeteredConnection, readMetered } from './metered-connection.ts'

/** A program in the place of `busctl`. */
async function program(script: string): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'mixmint-bus-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'busctl')
  await writeFile(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return file
}

describe('DL10: whether the connection is metered', () => {
  test.each([
    ['u 0\n', null],
    ['u 1\n', true],
    ['u 2\n', false],
    ['u 3\n', true],
    ['u 4\n', false],
    ['u 9\n', null],
    ['s "1"\n', null],
    ['', null],
  ])('DL10: NetworkManager says %j', (answer, isMetered) => {
    expect(readMetered(answer)).toBe(isMetered)
  })

  test('DL10: the system bus is asked for the property of NetworkManager', async () => {
    const file = await program('echo "$@" > "$0.asked"; echo "u 1"')
    expect(await createMeteredConnection('linux', file).isMetered()).toBe(true)
    expect(await readFile(`${file}.asked`, 'utf8')).toBe(
      '--system get-property org.freedesktop.NetworkManager /org/freedesktop/NetworkManager org.freedesktop.NetworkManager Metered\n',
    )
  })

  test.each([
    ['fails', 'echo "u 1"; exit 1'],
    ['never answers', 'exec sleep 60'],
    ['answers something else', 'echo nonsense'],
  ])('DL10: nobody knows where the program %s', async (_, script) => {
    expect(await createMeteredConnection('linux', await program(script), 200).isMetered()).toBeNull()
  })

  test('DL10: nobody knows where there is no such program, or another system', async () => {
    expect(await createMeteredConnection('linux', '/nowhere/busctl').isMetered()).toBeNull()
    expect(await createMeteredConnection('win32', await program('echo "u 1"')).isMetered()).toBeNull()
  })
})

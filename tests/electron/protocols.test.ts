import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildShellForTests } from './built-shell.ts'
import { type Shell, startShell } from './start-shell.ts'

/** A WAV of silence that lies in the media cache, so that no server is needed. */
const SOUND = Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVEfmt ', 'latin1'), Buffer.alloc(5000, 7)])
const HASH = createHash('sha256').update(SOUND).digest('hex')
const SOUND_ADDRESS = `media://mixmint/preview/${HASH}`

let built: Awaited<ReturnType<typeof buildShellForTests>>
let shell: Shell

beforeAll(async () => {
  built = await buildShellForTests()
  shell = await startShell({ built: built.folder })
  await shell.until(({ windows }) => windows.length === 1)
  const folder = path.join(shell.dataFolder, 'media', HASH.slice(0, 2))
  await mkdir(folder, { recursive: true })
  await writeFile(path.join(folder, HASH), SOUND)
})

afterAll(async () => {
  await shell[Symbol.asyncDispose]()
  await built.remove()
})

const textOf = (answer: { body: Uint8Array } | null): string => Buffer.from(answer?.body ?? []).toString('utf8')

describe('R-DC-05: app://mixmint', () => {
  test('R-DC-05: the document comes under a strict policy, with a nonce that is new each time', async () => {
    const [first, second] = [await shell.request('app://mixmint/'), await shell.request('app://mixmint/index.html')]
    const policyOf = (answer: typeof first): string => answer?.headers['content-security-policy'] ?? ''
    const [, nonce] = /'nonce-([^']+)'/.exec(policyOf(first)) ?? []
    expect(first?.status).toBe(200)
    expect(first?.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(textOf(first)).toContain(`nonce="${nonce}"`)
    expect(policyOf(second)).not.toContain(nonce)
    const rules = policyOf(first).split('; ')
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "connect-src 'self' media:",
      "media-src 'self' blob: media:",
      "img-src 'self' data: blob: media:",
    ])
      expect(rules).toContain(rule)
    expect(policyOf(first)).not.toMatch(/unsafe|https?:|\*/)
    expect(first?.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' })
  })

  test('R-DC-05: files of the page come with their type', async () => {
    const script = await shell.request('app://mixmint/assets/page.js')
    expect(script?.status).toBe(200)
    expect(script?.headers['content-type']).toBe('text/javascript; charset=utf-8')
  })

  test.each(['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'])('R-DC-05: %s is refused', async (method) => {
    expect((await shell.request('app://mixmint/', { method }))?.status).toBe(405)
  })

  test.each([
    'app://mixmint/..%2fsecret.json',
    'app://mixmint/%2e%2e/secret.json',
    'app://mixmint/../secret.json',
    'app://mixmint/%2e%2e%2fsecret.json',
    'app://mixmint/..%5csecret.json',
    'app://mixmint/..\\secret.json',
    'app://mixmint/%5c..%5csecret.json',
    'app://mixmint/assets/..%2f..%2fsecret.json',
    'app://mixmint/assets/%252e%252e/secret.json',
    'app://mixmint/assets/....//secret.json',
    'app://mixmint//secret.json',
    'app://mixmint//etc/passwd',
    'app://mixmint/etc/passwd',
    'app://mixmint/index.html%00.js',
    'app://mixmint/index.html%20',
    'app://mixmint/index.html/',
    'app://mixmint/INDEX.HTML%3f',
    'app://mixmint/assets',
    'app://mixmint/assets/',
    'app://mixmint/.hidden.js',
    'app://mixmint/preload.cjs',
    'app://mixmint/main.mjs',
    'app://mixmint/C:/windows/win.ini',
    'app://mixmint/file:///etc/passwd',
    'app://mixmint.evil/index.html',
    'app://evil/index.html',
    'app://setup/',
    'app:///index.html',
  ])('R-DC-05: %s gives nothing', async (address) => {
    const answer = await shell.request(address)
    expect(answer?.status).toBe(404)
    expect(answer?.body).toHaveLength(0)
  })

  test('R-DC-05: nothing answers for files of the computer', async () => {
    expect(await shell.request('file:///etc/passwd')).toBeNull()
    expect((await shell.record()).handledSchemes).toEqual(['app', 'media'])
  })
})

describe('R-DC-02: media://mixmint', () => {
  test('R-DC-02: a sound is given whole, to the page of the app alone', async () => {
    const answer = await shell.request(SOUND_ADDRESS)
    expect(answer?.status).toBe(200)
    expect(Buffer.from(answer?.body ?? []).equals(SOUND)).toBe(true)
    expect(answer?.headers).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(SOUND.length),
      'access-control-allow-origin': 'app://mixmint',
      'x-content-type-options': 'nosniff',
    })
  })

  test.each([
    ['bytes=0-99', 206, 0, 100],
    ['bytes=1000-', 206, 1000, SOUND.length],
    ['bytes=-16', 206, SOUND.length - 16, SOUND.length],
    ['bytes=100-999999', 206, 100, SOUND.length],
  ])('R-DC-02: a player that seeks gets the part %s', async (range, status, start, end) => {
    const answer = await shell.request(SOUND_ADDRESS, { headers: { range } })
    expect(answer?.status).toBe(status)
    expect(answer?.headers['content-range']).toBe(`bytes ${start}-${end - 1}/${SOUND.length}`)
    expect(Buffer.from(answer?.body ?? []).equals(SOUND.subarray(start, end))).toBe(true)
  })

  test('R-DC-02: a part behind the end is refused with the size; HEAD gives the headers alone', async () => {
    const beyond = await shell.request(SOUND_ADDRESS, { headers: { range: `bytes=${SOUND.length}-` } })
    expect(beyond?.status).toBe(416)
    expect(beyond?.headers['content-range']).toBe(`bytes */${SOUND.length}`)
    const head = await shell.request(SOUND_ADDRESS, { method: 'HEAD' })
    expect([head?.status, head?.body.length]).toEqual([200, 0])
  })

  test.each([
    ['GET', `media://local/preview/${HASH}`, 404],
    ['GET', `media://mixmint/preview/${HASH.toUpperCase()}`, 404],
    ['GET', `media://mixmint/preview/${HASH}/../x`, 404],
    ['GET', 'media://mixmint/track/..%2f..%2fetc%2fpasswd', 404],
    ['GET', 'media://mixmint/track//etc/passwd', 404],
    ['GET', 'media://mixmint/vault/vault.json', 404],
    ['GET', 'media://mixmint/', 404],
    ['GET', `media://user@mixmint/preview/${HASH}`, 404],
    ['GET', 'media://mixmint/track/7f1d3f0e-3c55-4b8a-9d2e-0a1b2c3d4e5f', 401],
    ['POST', SOUND_ADDRESS, 405],
    ['GET', `media://mixmint/cover/${'0'.repeat(64)}`, 503],
  ])('R-DC-05: %s %s gives nothing', async (method, address, status) => {
    // An address with a name in it is no address for a request, which is as good.
    const answer = await shell.request(address, { method }).catch(() => ({ status: 404, body: new Uint8Array() }))
    expect(answer?.status).toBe(status)
    expect(answer?.body).toHaveLength(0)
  })
})

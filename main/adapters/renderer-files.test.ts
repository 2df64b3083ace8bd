import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rendererFile } from './renderer-files.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-files-'))
  await mkdir(path.join(folder, 'site/assets'), { recursive: true })
  await writeFile(path.join(folder, 'secret.json'), '{}')
  await writeFile(path.join(folder, 'site/index.html'), '<meta nonce="__CSP_NONCE__"><style nonce="__CSP_NONCE__">')
  await writeFile(path.join(folder, 'site/assets/index-a_B1.js'), 'const nonce = "__CSP_NONCE__"')
  await writeFile(path.join(folder, 'site/.hidden.js'), '')
  await writeFile(path.join(folder, 'site/run.sh'), '')
})

afterAll(async () => {
  await rm(folder, { recursive: true })
})

const read = (requestPath: string) => rendererFile(path.join(folder, 'site'), requestPath, 'N0NCE')

test('the document carries the nonce of its answer, in every place; scripts are sent as they are', async () => {
  const document = await read('/')
  expect(document?.body.toString()).toBe('<meta nonce="N0NCE"><style nonce="N0NCE">')
  expect(document?.mediaType).toBe('text/html; charset=utf-8')
  const script = await read('/assets/index-a_B1.js')
  expect(script?.body.toString()).toContain('__CSP_NONCE__')
  expect(script?.mediaType).toBe('text/javascript; charset=utf-8')
})

test.each([
  '/../secret.json',
  '/..%2fsecret.json',
  '/%2e%2e/secret.json',
  '/assets/../../secret.json',
  '/assets/..\\..\\secret.json',
  '/assets%5c..%5c..%5csecret.json',
  '//secret.json',
  '/./index.html',
  '/index.html\u0000.js',
  '/index.html%00.js',
  '/.hidden.js',
  '/assets/',
  '/assets',
  '/run.sh',
  '/missing.js',
  '/C:/windows/win.ini',
  'index.html',
  '',
  '/index.html/',
  '/assets/index-a_B1.js/..',
])('%j is nothing that is served', async (requestPath) => {
  expect(await read(requestPath)).toBeNull()
})

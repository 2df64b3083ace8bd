import { chmod, mkdir, mkdtemp, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { app } from '../../contract/app.ts'
import { AppError } from '../../contract/errors.ts'
import { isPlainName, isVisibleWithin } from '../../main/core/app/browse-folders.ts'
import { type CoreUnderTest, startCore } from '../_kit/start-core.ts'

let home = ''
let core: CoreUnderTest

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'mixmint-home-'))
  for (const folder of ['Music/House', 'Music/Techno', '.ssh/keys', 'Music/.hidden', 'Desktop'])
    await mkdir(path.join(home, folder), { recursive: true })
  const outside = await mkdtemp(path.join(tmpdir(), 'mixmint-outside-'))
  await symlink(outside, path.join(home, 'Music/escape'))
  const data = path.join(home, 'data')
  core = await startCore({ folders: { data, defaultLibrary: path.join(home, 'Music/MixMint'), home } })
  onTestFinished(async () => {
    await core[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
    await rm(outside, { recursive: true, force: true })
  })
})

async function failure(work: Promise<unknown>) {
  return await work.then(
    () => 'no failure',
    (error: unknown) => (error instanceof AppError ? error.code : error),
  )
}
const browse = (folderId?: string) => core.call(app.browseFolders, folderId === undefined ? {} : { folderId })

async function open(...names: string[]) {
  let listing = await browse()
  for (const name of [path.basename(home), ...names]) {
    const next = listing.folders.find((folder) => folder.name === name)
    if (next === undefined) throw new Error(`${name} is not listed`)
    listing = await browse(next.id)
  }
  return listing
}

test('browsing begins at home and shows names of visible folders only', async () => {
  expect((await open()).folders.map(({ name }) => name)).toEqual(['Desktop', 'Music'])
  const music = await open('Music')
  expect(music.folders.map(({ name }) => name)).toEqual(['House', 'Techno'])
  expect(music.parent?.path).toBe(home)
  expect((await open()).parent).toBeNull()
})

test('an id that was not given opens nothing, and ids do not tell where they lead', async () => {
  const music = await open('Music')
  expect(music.current?.id).toMatch(/^[\w-]{22}$/)
  for (const id of ['', '..', '/etc', Buffer.from('/etc').toString('base64url'), 'x'.repeat(22)])
    expect(await failure(browse(id))).toBe('folder-missing')
})

test('a folder that becomes a link to the outside is not entered', async () => {
  const house = (await open('Music')).folders.find(({ name }) => name === 'House')
  await rm(path.join(home, 'Music/House'), { recursive: true })
  expect(await failure(browse(house?.id))).toBe('folder-missing')
  await symlink('/etc', path.join(home, 'Music/House'))
  expect(await failure(browse(house?.id))).toBe('not-allowed')
})

test('a folder is made inside a browsed one, under a plain name', async () => {
  const music = await open('Music')
  const parentId = music.current?.id ?? ''
  const made = await core.call(app.createFolder, { parentId, name: 'Friday Set' })
  expect((await stat(made.path)).isDirectory()).toBe(true)
  for (const name of ['../up', 'a/b', '.hidden', 'a\\b', 'a\u0000b', 'con|x', ' lead', 'dot.'])
    expect(await failure(core.call(app.createFolder, { parentId, name }))).toBe('not-allowed')
})

describe('the library folder', () => {
  test('is the default until another is chosen, which is remembered', async () => {
    const status = () => core.call(app.status, {})
    expect((await status()).libraryFolder).toBe(path.join(home, 'Music/MixMint'))
    const desktop = (await open('Desktop')).current?.id ?? ''
    await core.call(app.setLibraryFolder, { folderId: desktop })
    expect((await status()).libraryFolder).toBe(path.join(home, 'Desktop'))
    expect(core.events).toContainEqual({ type: 'settings.changed' })
    const again = await startCore({ folders: core.ports.folders, folder: core.folder })
    onTestFinished(() => again[Symbol.asyncDispose]())
    expect((await again.call(app.status, {})).libraryFolder).toBe(path.join(home, 'Desktop'))
  })

  test('is not set to a folder that is gone', async () => {
    const desktop = (await open('Desktop')).current?.id ?? ''
    await rm(path.join(home, 'Desktop'), { recursive: true })
    expect(await failure(core.call(app.setLibraryFolder, { folderId: desktop }))).toBe('folder-missing')
  })

  test('is not set to a folder that can not be written to', async () => {
    const desktop = (await open('Desktop')).current?.id ?? ''
    await chmod(path.join(home, 'Desktop'), 0o500)
    const expected = userInfo().uid === 0 ? 'no failure' : 'folder-not-writable'
    expect(await failure(core.call(app.setLibraryFolder, { folderId: desktop }))).toBe(expected)
  })
})

test('without a system dialog the app browses by itself; with one, a choice has an id and a closed dialog none', async () => {
  expect(await core.call(app.chooseFolder, {})).toEqual({ folder: null, hasDialog: false })
  const answers: (string | null)[] = [path.join(home, 'Music'), null]
  const shell = { ...core.ports.shell, pickFolder: async () => answers.shift() }
  const electron = await startCore({ shell })
  onTestFinished(() => electron[Symbol.asyncDispose]())
  const chosen = await electron.call(app.chooseFolder, {})
  expect(chosen).toMatchObject({ folder: { name: 'Music', id: expect.any(String) }, hasDialog: true })
  expect(await electron.call(app.chooseFolder, {})).toEqual({ folder: null, hasDialog: true })
})

test.each([
  ['/home/ana', '/home/ana', true],
  ['/home/ana', '/home/ana/Music', true],
  ['/home/ana', '/home/ana/Music/.git', false],
  ['/home/ana', '/home/ana/.ssh/keys', false],
  ['/home/ana', '/home/anabel', false],
  ['/home/ana', '/home', false],
  ['/home/ana', '/', false],
  ['/', '/etc', true],
])('within %s, %s is in sight: %s', (root, folder, isVisible) => {
  expect(isVisibleWithin(root, folder)).toBe(isVisible)
})

test('plain names may hold any script, spaces inside, and dots inside', () => {
  for (const name of ['Музыка', 'Set 2026.01', "Ana's crate", '音楽', 'a & b']) expect(isPlainName(name)).toBe(true)
})

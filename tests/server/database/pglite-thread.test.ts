import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { PgliteThread } from '../../../server/db/pglite-thread.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mixmint-pglite-'))
})

afterEach(() => rm(folder, { recursive: true }))

const NEVER_ENDS = 'do $$ begin loop end loop; end $$'

it('a statement that never ends costs the database, not the server: all that wait are told, and what comes later too', async () => {
  const thread = await PgliteThread.start(
    { dataDir: folder, role: undefined, image: undefined },
    { lookMs: 50, looks: 4 },
  )
  await thread.request('script', 'create table kept (name text); insert into kept values ($$tide$$)')
  const told = [thread.request('script', NEVER_ENDS), thread.request('query', 'select 1')]
  for (const one of told) await expect(one).rejects.toThrow('does not answer')
  await expect(thread.request('query', 'select 1')).rejects.toThrow('does not answer')
  await thread.close()

  // What was committed before is there for the next start.
  await using again = await PgliteThread.start({ dataDir: folder, role: undefined, image: undefined })
  expect((await again.request('query', 'select name from kept')).rows).toEqual([{ name: 'tide' }])
})

it('a database that answers is left alone, however long it is used', async () => {
  await using thread = await PgliteThread.start(
    { dataDir: folder, role: undefined, image: undefined },
    { lookMs: 30, looks: 20 },
  )
  for (let turn = 0; turn < 4; turn++) await thread.request('query', 'select pg_sleep(0.2)')
  expect((await thread.request('query', 'select 1 as one')).rows).toEqual([{ one: 1 }])
})

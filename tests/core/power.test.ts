import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { app } from '../../contract/app.ts'
import { delivery } from '../../contract/delivery.ts'
import { identity } from '../../contract/identity.ts'
import { freshDatabase } from '../_kit/databases.ts'
import { createManualClock } from '../_kit/manual-clock.ts'
import { startCore } from '../_kit/start-core.ts'
import { startTestServer } from '../_kit/start-server.ts'

test('DL18: the core holds the computer awake, announces its sleep, and takes it back for any command of the user', async () => {
  const database = await freshDatabase('PGlite')
  onTestFinished(() => database[Symbol.asyncDispose]())
  const server = await startTestServer({ db: database.db })
  onTestFinished(() => server[Symbol.asyncDispose]())
  const clock = createManualClock(Date.now())
  const did: string[] = []
  await using core = await startCore({
    serverAddress: server.address,
    clock,
    power: {
      keepAwake: (isOn) => void did.push(isOn ? 'awake' : 'as it likes'),
      async sleep() {
        did.push('sleep')
        return true
      },
    },
  })
  await core.call(identity.signUp, {
    email: 'night@mixmint.example',
    password: 'a long password',
    fullName: 'Night Owl',
  })
  const [account = ''] = await readdir(path.join(core.folder, 'accounts'))
  const db = new DatabaseSync(path.join(core.folder, 'accounts', account, 'local.sqlite'))
  onTestFinished(() => db.close())
  /** As a run would write it. */
  function putStatus(status: string) {
    db.prepare(
      `insert into downloads (id, content_type, content_id, title, artist, status, run, failures, position, added_at)
       values ('5f0d1c7e-3c7a-4f53-9a55-0a8f5c7c3b11', 'track', '5f0d1c7e-3c7a-4f53-9a55-0a8f5c7c3b12', '', '', ?, 1, 0, 1, 0) on conflict (id) do update set status = excluded.status`,
    ).run(status)
    // The settings make the core look at once, and are no command of the user.
    core.ports.settings.change({ afterQueue: 'sleep' })
  }
  const notices = async () => (await core.call(app.status, {})).notices.map(({ code }) => code)

  for (const takesBack of [true, false]) {
    putStatus('downloading')
    putStatus('done')
    expect(did.splice(0)).toEqual(['awake', 'as it likes'])
    clock.advance(30_000)
    await core.call(delivery.list, {})
    expect(await notices()).toEqual(['sleeping-soon'])
    if (takesBack) await core.call(app.checkServer, {})
    expect(await notices()).toEqual(takesBack ? [] : ['sleeping-soon'])
    clock.advance(30_000)
    expect(did.splice(0)).toEqual(takesBack ? [] : ['sleep'])
  }
})

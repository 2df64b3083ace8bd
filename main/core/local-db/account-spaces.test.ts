import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createManualClock } from '../../../tests/_kit/manual-clock.ts'
import { type LogLine, recordingLog } from '../../../tests/_kit/start-core.ts'
import type { AccountSpace } from '../needs.ts'
import { createAccountSpaces } from './account-spaces.ts'

const ANA = '00000000-0000-4000-8000-00000000000a'
const BO = '00000000-0000-4000-8000-00000000000b'

async function openSpaces() {
  const dataFolder = await mkdtemp(path.join(tmpdir(), 'mixmint-spaces-'))
  onTestFinished(() => rm(dataFolder, { recursive: true, force: true }))
  const lines: LogLine[] = []
  const spaces = createAccountSpaces({
    dataFolder,
    migrations: [{ name: 'notes-1', sql: 'create table notes (text text) strict' }],
    clock: createManualClock(),
    log: recordingLog(lines),
    notices: { add: () => {} },
  })
  onTestFinished(() => spaces.use(null))
  return { spaces, lines, dataFolder }
}

test('a listener ends its work before the database of its account closes', async () => {
  const { spaces } = await openSpaces()
  const seen: string[] = []
  let mine: AccountSpace | null = null
  spaces.onChange(async (account) => {
    await new Promise((resolve) => setImmediate(resolve))
    if (account === null) seen.push(`ends, open: ${mine?.db.isOpen}`)
    else seen.push(`begins ${account.accountId.at(-1)}`)
    mine = account
  })
  await spaces.use(ANA)
  await spaces.use(BO)
  await spaces.use(BO)
  await spaces.use(null)
  expect(seen).toEqual(['begins a', 'ends, open: true', 'begins b', 'ends, open: true'])
})

test('changes that come at once happen one after the other, and the last one stands', async () => {
  const { spaces } = await openSpaces()
  let open = 0
  spaces.onChange(async (account) => {
    open += account === null ? -1 : 1
    expect(open).toBeLessThanOrEqual(1)
    await new Promise((resolve) => setImmediate(resolve))
  })
  await Promise.all([ANA, BO, null, ANA, BO].map((accountId) => spaces.use(accountId)))
  expect(spaces.current()?.accountId).toBe(BO)
})

test('accounts do not see each other’s data', async () => {
  const { spaces, dataFolder } = await openSpaces()
  await spaces.use(ANA)
  spaces.required().db.exec("insert into notes values ('of Ana')")
  expect(spaces.required().folder).toBe(path.join(dataFolder, 'accounts', ANA))
  await spaces.use(BO)
  expect(spaces.required().db.prepare('select * from notes').all()).toEqual([])
  await spaces.use(ANA)
  expect(spaces.required().db.prepare('select * from notes').all()).toEqual([{ text: 'of Ana' }])
})

test('a feature that fails to follow does not hold the others or the account', async () => {
  const { spaces, lines } = await openSpaces()
  const seen: (string | null)[] = []
  spaces.onChange(async () => {
    throw new Error('broken feature')
  })
  spaces.onChange((account) => void seen.push(account?.accountId ?? null))
  await spaces.use(ANA)
  await spaces.use(null)
  expect(seen).toEqual([ANA, null])
  expect(lines).toHaveLength(2)
})

test('signed out, what needs an account is refused; and no name leaves the folder of accounts', async () => {
  const { spaces } = await openSpaces()
  expect(() => spaces.required()).toThrow(expect.objectContaining({ code: 'not-signed-in' }))
  await expect(spaces.use('../../elsewhere')).rejects.toThrow()
  expect(spaces.current()).toBeNull()
})

import path from 'node:path'
import { AppError } from '../../../contract/errors.ts'
import type { AccountSpace, Notices } from '../needs.ts'
import type { Clock, Log } from '../ports.ts'
import type { LocalMigration } from './local-migration.ts'
import { openLocalDb } from './open-local-db.ts'

type Listener = (account: AccountSpace | null) => void | Promise<void>

/** The space of the account in use, opened and closed as accounts change; changes happen one after the other. */
export interface AccountSpaces {
  current(): AccountSpace | null
  /** Throws `not-signed-in`. */
  required(): AccountSpace
  /** Makes `accountId` the account in use; null: none. Throws `newer-data`, `disk-error`. */
  use(accountId: string | null): Promise<void>
  onChange(listener: Listener): () => void
}

interface SpacesNeeds {
  readonly dataFolder: string
  readonly migrations: readonly LocalMigration[]
  readonly clock: Clock
  readonly log: Log
  readonly notices: Notices
}

const ACCOUNT_ID = /^[0-9a-f-]{36}$/

export function createAccountSpaces({ dataFolder, migrations, clock, log, notices }: SpacesNeeds): AccountSpaces {
  const listeners = new Set<Listener>()
  let current: AccountSpace | null = null
  let changes: Promise<void> = Promise.resolve()

  async function tell(listener: Listener, account: AccountSpace | null) {
    try {
      await listener(account)
    } catch (error) {
      log.error({ error }, 'a feature failed to follow a change of account')
    }
  }

  async function change(accountId: string | null) {
    if ((current?.accountId ?? null) === accountId) return
    const ending = current
    if (ending !== null) {
      await Promise.all([...listeners].map((listener) => tell(listener, null)))
      current = null
      ending.db.close()
    }
    if (accountId === null) return
    current = open(accountId)
    await Promise.all([...listeners].map((listener) => tell(listener, current)))
  }

  function open(accountId: string): AccountSpace {
    if (!ACCOUNT_ID.test(accountId)) throw new Error('an account id is not a uuid')
    const folder = path.join(dataFolder, 'accounts', accountId)
    const { db, movedAside } = openLocalDb(path.join(folder, 'local.sqlite'), migrations, clock.now())
    if (movedAside !== null) {
      log.warn({ movedAside }, 'the local database was corrupt and lies aside')
      notices.add(
        'local-data-rebuilt',
        'The list of downloads on this computer was damaged and is being rebuilt. Your music files are untouched.',
      )
    }
    return { accountId, folder, db }
  }

  return {
    current: () => current,
    required() {
      if (current === null) throw new AppError('not-signed-in')
      return current
    },
    async use(accountId) {
      const next = changes.then(() => change(accountId))
      changes = next.catch(() => {})
      await next
    },
    onChange(listener) {
      listeners.add(listener)
      if (current !== null) void tell(listener, current)
      return () => listeners.delete(listener)
    },
  }
}

import { entitlements, type Owned } from '../../../contract/entitlements.ts'
import type { CoreNeeds } from '../needs.ts'
import type { Disk } from './disk.ts'
import { remember } from './examine-files.ts'
import { readLibraryLog } from './library-log.ts'
import { examine, glance } from './local-state.ts'
import { listLocalFiles, listOwnedRows, saveOwned } from './rows.ts'

const OWNED_PAGE = 200

/** Reads from the server what the account owns, page by page, and keeps it. Throws `not-signed-in`, `offline`. */
export async function fetchOwned({ serverCall, account, clock, emit }: CoreNeeds): Promise<void> {
  const { db, accountId } = account()
  const owned: Owned[] = []
  let cursor: string | null = null
  do {
    const input: { limit: number; cursor?: string } = { limit: OWNED_PAGE, ...(cursor === null ? {} : { cursor }) }
    const page = await serverCall(entitlements.listOwned, input)
    owned.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  // The account may have changed while the server was asked.
  if (account().accountId !== accountId || !db.isOpen) return
  saveOwned(db, owned, clock.now())
  emit({ type: 'library.changed' })
}

/** Takes up owned tracks whose files lie in the library folder but are not known: after the local database was lost, or on a new installation. */
export async function findAgain(needs: CoreNeeds, disk: Disk): Promise<void> {
  const account = needs.accountOrNull()
  if (account === null) return
  const { db } = account
  const known = new Set(listLocalFiles(db).map(({ trackId }) => trackId))
  const trackIds = listOwnedRows(db).flatMap(({ contentId, pack }) => [
    contentId,
    ...(pack?.tracks ?? []).map(({ id }) => id),
  ])
  const unknown = new Set(trackIds.filter((trackId) => !known.has(trackId)))
  if (unknown.size === 0) return
  const found = await readLibraryLog(disk, needs.libraryFolder(), unknown, needs.clock.now())
  for (const { file, isUnchanged } of found) {
    const seen = await glance(disk, file)
    const state = isUnchanged ? 'here' : await examine(disk, file)
    if (seen !== null && (state === 'here' || state === 'retagged'))
      await remember(disk, db, { ...file, ...seen, state }, null)
  }
  if (found.length > 0) needs.emit({ type: 'library.changed' })
}

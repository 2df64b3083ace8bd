import type { DatabaseSync } from 'node:sqlite'
import type { Caller } from '../../../contract/call.ts'
import { CrateRecord, crates } from '../../../contract/crates.ts'
import { AppError } from '../../../contract/errors.ts'
import { inTransaction } from '../library/rows.ts'
import type { Clock, Log, Random } from '../ports.ts'
import {
  type CrateRow,
  findCrate,
  findFolder,
  findTemplate,
  fromRecord,
  listCrates,
  listPending,
  removeCrate,
  saveCrate,
  saveFolder,
  saveTemplate,
  setCratesReadAt,
} from './rows.ts'

export interface ExchangeNeeds {
  readonly db: DatabaseSync
  readonly serverCall: Caller
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/**
 * Tells the server what was changed here, then reads what it has. The server's crate wins over an edit that was made on an older one; the
 * edit is kept as a crate of its own. Throws what the server says, `offline`.
 */
export async function exchangeCrates(needs: ExchangeNeeds): Promise<void> {
  for (const crate of listPending(needs.db)) await send(needs, crate)
  const { crates: records } = await needs.serverCall(crates.listRecords, {})
  if (needs.db.isOpen) inTransaction(needs.db, () => takeOver(needs, records))
}

async function send(needs: ExchangeNeeds, crate: CrateRow): Promise<void> {
  const { db, serverCall } = needs
  if (crate.pending === 'delete') {
    await serverCall(crates.deleteRecord, { crateId: crate.id })
    removeCrate(db, crate.id)
    return
  }
  const { id, name, items, revision } = crate
  try {
    const record = await serverCall(crates.saveRecord, { id, name, items: [...items], baseRevision: revision })
    settle(db, crate, record)
  } catch (error) {
    const code = error instanceof AppError ? error.code : null
    if (code === 'crate-exists') giveFreeName(db, id)
    else if (code === 'revision-conflict' || code === 'not-found') keepAsCopy(needs, crate, presentOf(error))
    else throw error
    for (const again of listPending(db).filter((one) => one.id === id || one.revision === 0))
      await sendOnce(needs, again)
  }
}

/** A copy or a renamed crate has a name that was free here; should the server know it, the next exchange finds another. */
async function sendOnce({ db, serverCall, log }: ExchangeNeeds, crate: CrateRow): Promise<void> {
  if (crate.pending !== 'save') return
  const { id, name, items, revision } = crate
  try {
    settle(db, crate, await serverCall(crates.saveRecord, { id, name, items: [...items], baseRevision: revision }))
  } catch (error) {
    if (error instanceof AppError && error.code === 'offline') throw error
    log.warn({ error }, 'an edited crate could not be saved yet')
  }
}

/** What was edited while the request was under way still waits, now on the new revision. */
function settle(db: DatabaseSync, sent: CrateRow, { revision, sortOrder }: CrateRecord): void {
  const now = db.isOpen ? findCrate(db, sent.id) : null
  if (now === null) return
  saveCrate(db, { ...now, revision, sortOrder, pending: now.edits === sent.edits ? null : now.pending })
}

function giveFreeName(db: DatabaseSync, id: string): void {
  const latest = findCrate(db, id)
  if (latest?.pending === 'save') saveCrate(db, { ...latest, name: copyName(db, latest.name), edits: latest.edits + 1 })
}

/** The server's crate takes its place again, and the edit goes on as "… (this computer)"; a folder stays with the crate that is there. */
function keepAsCopy({ db, random }: ExchangeNeeds, crate: CrateRow, present: CrateRecord | null): void {
  inTransaction(db, () => {
    const latest = findCrate(db, crate.id) ?? crate
    // What was deleted here meanwhile is told to be deleted next.
    if (latest.pending === 'delete') return
    const copy: CrateRow = {
      ...latest,
      pending: 'save',
      id: random.uuid(),
      name: copyName(db, latest.name),
      revision: 0,
      edits: 1,
    }
    const template = findTemplate(db, crate.id)
    saveCrate(db, copy)
    saveTemplate(db, copy.id, template)
    if (present !== null) {
      saveCrate(db, fromRecord(present))
      return
    }
    const folder = findFolder(db, crate.id)
    removeCrate(db, crate.id)
    if (folder !== null) saveFolder(db, { ...folder, crateId: copy.id })
  })
}

/** The server's list replaces what nothing here waits for. */
function takeOver({ db, clock }: ExchangeNeeds, records: readonly CrateRecord[]): void {
  const pending = new Set(listPending(db).map(({ id }) => id))
  const there = new Set(records.map(({ id }) => id))
  for (const { id } of listCrates(db)) if (!pending.has(id) && !there.has(id)) removeCrate(db, id)
  for (const record of records) {
    const here = findCrate(db, record.id)
    if (!pending.has(record.id)) saveCrate(db, { ...fromRecord(record), edits: here?.edits ?? 0 })
  }
  setCratesReadAt(db, clock.now())
}

const LONGEST_NAME = 80

/** `name (this computer)`, numbered where even that is taken, within the length that a name may have. */
function copyName(db: DatabaseSync, name: string): string {
  const taken = new Set(listCrates(db).map((crate) => crate.name.toLowerCase()))
  for (let number = 1; ; number++) {
    const ending = number === 1 ? ' (this computer)' : ` (this computer ${number})`
    const candidate = `${name.slice(0, LONGEST_NAME - ending.length).trimEnd()}${ending}`.toWellFormed()
    if (!taken.has(candidate.toLowerCase())) return candidate
  }
}

function presentOf(error: unknown): CrateRecord | null {
  const detail = error instanceof AppError ? error.detail : undefined
  return CrateRecord.safeParse(detail?.['present']).data ?? null
}

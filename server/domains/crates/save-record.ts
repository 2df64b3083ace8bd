import type { Parsed } from '../../../contract/call.ts'
import type { CrateRecord, crates } from '../../../contract/crates.ts'
import { AppError } from '../../../contract/errors.ts'
import { type Needs, signedIn } from '../../context.ts'
import { toCrateRecord } from './crate-record.ts'
import { insertCrate, lockCrate, renameCrate, replaceItems, selectCrate } from './rows.ts'
import { hasRepeats, isSameCrate } from './rules.ts'

/**
 * Creates a crate (`baseRevision` 0) or replaces one whose revision is `baseRevision`. Saving what is there already is
 * answered with it, so that a repeated request does no harm. Throws `revision-conflict` with the present record in its
 * detail, `not-found` for a crate deleted elsewhere, `crate-exists` for a name that another crate of the account has.
 */
export async function saveRecord(
  { tx, caller }: Needs<'tx' | 'caller'>,
  { id, name, items, baseRevision }: Parsed<typeof crates.saveRecord>,
): Promise<CrateRecord> {
  const { userId } = signedIn(caller)
  if (hasRepeats(items))
    throw new AppError('invalid-input', 'Something is in the crate twice', {
      errors: { items: 'holds something twice' },
    })
  const isThere = await lockCrate(tx, userId, id)
  const present = isThere ? await selectCrate(tx, userId, id) : undefined
  if (present !== undefined) {
    if (isSameCrate(present, { name, items })) return toCrateRecord(present)
    if (Number(present.revision) !== baseRevision)
      throw new AppError('revision-conflict', undefined, { present: toCrateRecord(present) })
    if (present.name !== name) await refusingTakenNames(() => renameCrate(tx, id, name))
  } else {
    if (baseRevision !== 0) throw new AppError('not-found', 'The crate was deleted.')
    await refusingTakenNames(() => insertCrate(tx, { id, userId, name }))
  }
  if (present === undefined || !isSameCrate({ ...present, name }, { name, items })) await replaceItems(tx, id, items)
  const saved = await selectCrate(tx, userId, id)
  if (saved === undefined) throw new Error('The crate that was just saved is not there')
  return toCrateRecord(saved)
}

/** The database decides who has a name first, also between two computers that save at once. */
async function refusingTakenNames(write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    const { code, constraint } = error as { code?: unknown; constraint?: unknown }
    if (code !== '23505') throw error
    // An id that exists and is not the caller's: ids are random, so this is no accident of theirs.
    throw constraint === 'crates_pkey' ? new AppError('not-found') : new AppError('crate-exists')
  }
}

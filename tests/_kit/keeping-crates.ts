import type { Caller } from '../../contract/call.ts'
import type { CrateRecord } from '../../contract/crates.ts'
import { AppError } from '../../contract/errors.ts'

interface KeptCrates {
  /** The crates as the server has them. */
  readonly records?: () => Map<string, CrateRecord>
  /** Called before a crate is saved; what it throws is the answer. */
  readonly beforeSave?: () => Promise<void>
}

/** Keeps crates as the server's contract says; every other call goes to `others`. */
export function keepingCrates(others: Caller, { records, beforeSave = async () => {} }: KeptCrates = {}): Caller {
  const own = new Map<string, CrateRecord>()
  const kept = records ?? (() => own)
  return (async (definition, input) => {
    if (definition.name === 'crates.listRecords') return { crates: [...kept().values()] }
    if (definition.name === 'crates.deleteRecord') {
      kept().delete((input as { readonly crateId: string }).crateId)
      return { done: true }
    }
    if (definition.name !== 'crates.saveRecord') return await others(definition, input)
    await beforeSave()
    const { id, name, items, baseRevision } = input as CrateRecord & { readonly baseRevision: number }
    const present = kept().get(id)
    if (present === undefined && baseRevision !== 0) throw new AppError('not-found')
    if (present !== undefined && present.revision !== baseRevision)
      throw new AppError('revision-conflict', undefined, { present })
    if ([...kept().values()].some((other) => other.id !== id && other.name === name)) throw new AppError('crate-exists')
    const record = { id, name, items, sortOrder: 0, revision: baseRevision + 1, updatedAt: new Date().toISOString() }
    kept().set(id, record)
    return record
  }) as Caller
}
